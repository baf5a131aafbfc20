#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/snn/moments.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach::snn {
namespace {

void describe(Fields& fields, Moments& moments) {
  fields.required("mean", moments.mean).required("variance", moments.variance);
}

}  // namespace

Json to_json(const Moments& moments) {
  Fields fields;
  Moments copy = moments;
  describe(fields, copy);
  return fields.written();
}

void from_json(const Json& json, Moments& moments) {
  Fields fields(json, "moments");
  describe(fields, moments);
}

WeightSums random_weights(const Moments& inputs, double tau) {
  return {.omega = 0, .tau = tau * (1 + inputs.mean * inputs.mean / inputs.variance)};
}

Moments net_input(const char* where, const Moments& activations, const WeightSums& weights) {
  const auto& [mu, nu] = activations;
  const auto& [omega, tau] = weights;
  const Moments z{mu * omega, nu * tau};
  if (!(std::isfinite(z.mean) && std::isfinite(z.variance) && nu >= 0 && tau >= 0)) {
    throw InvalidArgument(fmt::format(
        "[{}] expected finite numbers with variance >= 0 and tau >= 0, received mean {}, variance "
        "{}, omega {}, tau {}",
        where, mu, nu, omega, tau));
  }
  return z;
}

}  // namespace banach::snn
