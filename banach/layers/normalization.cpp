#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/normalization.hpp>
#include <banach/nn/epsilon.hpp>
#include <banach/ops/elementwise.hpp>

#include <fmt/format.h>

namespace banach::layers {
namespace {

// One number for all entries, or one each.
Tensor given(const std::vector<double>& values, DType dtype) {
  const auto size = static_cast<std::int64_t>(values.size());
  return constant(Array::from<double>(values, {size}).astype(dtype));
}

// A list, or one number, as Keras takes both.
void describe_numbers(Fields& fields, const char* name, std::vector<double>& values) {
  Json json = values.empty() ? Json() : to_json(values);
  fields(name, json);
  if (!fields.reading() || json.is_null()) return;
  from_json(json.is_list() ? json : Json::list({json}), values);
}

}  // namespace

Normalization::Normalization(NormalizationOptions options)
    : LayerOf(common(options)), options_(std::move(options)) {
  check();
}

void Normalization::check() const {
  if (options_.mean.size() != options_.variance.size()) {
    throw InvalidArgument(
        fmt::format("[Normalization] mean and variance must be given together and be of one size, "
                    "received {} and {} numbers",
                    options_.mean.size(), options_.variance.size()));
  }
}

void Normalization::describe(Fields& fields) {
  Json axis = Json::list({-1});
  fields("axis", axis)("invert", options_.invert);
  if (axis != Json(-1) && axis != Json::list({-1})) {
    throw NotSupported(fmt::format("[{}] normalizes the last axis alone, received axis={}",
                                   fields.where(), axis.str()));
  }
  describe_numbers(fields, "mean", options_.mean);
  describe_numbers(fields, "variance", options_.variance);
  if (fields.reading()) check();
}

void Normalization::build(const Shape& input_shape) {
  if (input_shape.rank() < 2 || input_shape[-1] < 0) {
    throw InvalidArgument(
        fmt::format("[{}] expected an input (batch, ..., features) with a known last axis, "
                    "received {}",
                    name(), input_shape.str()));
  }
  const std::int64_t features = input_shape[-1];
  const auto numbers = static_cast<std::int64_t>(options_.mean.size());
  if (is_given()) {
    if (numbers == 1 || numbers == features) return;
    throw InvalidArgument(
        fmt::format("[{}] has {} means for an input {}", name(), numbers, input_shape.str()));
  }
  add_weight(mean_, "mean", {features}, "zeros", false);
  add_weight(variance_, "variance", {features}, "ones", false);
  add_counter(count_, "count");
}

Tensor Normalization::call(const Tensor& x, const CallContext&) {
  const Tensor mean = is_given() ? given(options_.mean, x.dtype()) : mean_.tensor();
  const Tensor variance = is_given() ? given(options_.variance, x.dtype()) : variance_.tensor();
  const Tensor deviation = ops::maximum(ops::sqrt(variance), config::epsilon());
  return options_.invert ? x * deviation + mean : (x - mean) / deviation;
}

}  // namespace banach::layers
