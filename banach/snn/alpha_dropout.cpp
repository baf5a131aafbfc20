#include <banach/core/errors.hpp>
#include <banach/snn/alpha_dropout.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach::snn {

AffineMap alpha_dropout_map(double rate, const FixedPoint& target, double dropped) {
  const auto& [mean, variance] = target;
  if (!(rate >= 0 && rate <= 1 && variance > 0 && std::isfinite(variance) && std::isfinite(mean) &&
        std::isfinite(dropped))) {
    throw InvalidArgument(fmt::format(
        "[alpha_dropout_map] expected a rate in [0, 1] and finite numbers with variance > 0, "
        "received rate {}, mean {}, variance {}, dropped {}",
        rate, mean, variance, dropped));
  }
  if (rate == 1) return {0, mean};
  const double kept = 1 - rate, fall = dropped - mean;
  const double a = std::sqrt(variance) / std::sqrt(kept * (variance + rate * fall * fall));
  return {a, mean * (1 - a * kept) - a * dropped * rate};
}

}  // namespace banach::snn
