#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/activations.hpp>
#include <banach/nn/activations.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/softmax.hpp>

#include <fmt/format.h>

namespace banach::layers {
namespace {

void check_not_negative(const char* layer, const char* option, double value) {
  if (value >= 0) return;
  throw InvalidArgument(
      fmt::format("[{}] {} must not be negative, received {}", layer, option, value));
}

// x above the threshold and 0 elsewhere, at most max_value. As in TensorFlow, the slope at
// max_value is 1, but 0 at 6, which has a function of its own there.
Tensor positive_part(const Tensor& x, std::optional<double> max_value, double threshold) {
  if (threshold == 0 && max_value == 6) return ops::unary<functions::Relu6>(x);
  const Tensor limit = constant(threshold, x.dtype());
  const Tensor y = threshold == 0 ? activations::relu(x) : x * ops::greater(x, limit);
  return max_value ? ops::minimum(y, constant(*max_value, x.dtype())) : y;
}

}  // namespace

ReLU::ReLU(std::optional<double> max_value, const ReLUOptions& options)
    : LayerOf(common(options)), max_value_(max_value), options_(options) {
  check();
}

void ReLU::check() const {
  check_not_negative("ReLU", "max_value", max_value_.value_or(0));
  check_not_negative("ReLU", "negative_slope", options_.negative_slope);
  check_not_negative("ReLU", "threshold", options_.threshold);
}

void ReLU::describe(Fields& fields) {
  fields("max_value", max_value_)("negative_slope", options_.negative_slope);
  fields("threshold", options_.threshold);
  if (fields.reading()) check();
}

Tensor ReLU::call(const Tensor& x, const CallContext&) {
  const double slope = options_.negative_slope, threshold = options_.threshold;
  if (slope != 0 && threshold == 0 && !max_value_) return activations::leaky_relu(x, slope);
  const Tensor y = positive_part(x, max_value_, threshold);
  return slope == 0 ? y : y - activations::relu(threshold - x) * slope;
}

LeakyReLU::LeakyReLU(double negative_slope, const ActivationLayerOptions& options)
    : LayerOf(common(options)), negative_slope_(negative_slope) {
  check();
}

void LeakyReLU::check() const {
  check_not_negative("LeakyReLU", "negative_slope", negative_slope_);
}

void LeakyReLU::describe(Fields& fields) {
  if (fields.reading()) fields("alpha", negative_slope_);  // TensorFlow 2's name
  fields("negative_slope", negative_slope_);
  if (fields.reading()) check();
}

Tensor LeakyReLU::call(const Tensor& x, const CallContext&) {
  return activations::leaky_relu(x, negative_slope_);
}

void ELU::describe(Fields& fields) { fields("alpha", alpha_); }

Tensor ELU::call(const Tensor& x, const CallContext&) { return activations::elu(x, alpha_); }

void Softmax::describe(Fields& fields) { fields("axis", axis_); }

Tensor Softmax::call(const Tensor& x, const CallContext&) { return ops::softmax(x, axis_); }

void PReLU::describe(Fields& fields) {
  fields("alpha_initializer", options_.alpha_initializer);
  Json shared_axes = options_.shared_axes.empty() ? Json() : to_json(options_.shared_axes);
  fields("shared_axes", shared_axes);
  if (!fields.reading()) return;
  options_.shared_axes.clear();
  if (!shared_axes.is_null()) from_json(shared_axes, options_.shared_axes);
}

void PReLU::build(const Shape& input_shape) {
  Shape shape = input_shape.slice(1, input_shape.rank());
  for (const int axis : options_.shared_axes) {
    if (axis < 1 || axis >= input_shape.rank()) {
      throw InvalidArgument(
          fmt::format("[{}] shared_axes expected axes from 1 to {} of an input {}, received {}",
                      name(), input_shape.rank() - 1, input_shape.str(), axis));
    }
    shape[axis - 1] = 1;
  }
  if (!shape.is_known()) {
    throw InvalidArgument(
        fmt::format("[{}] expected known sizes of all axes that are not shared, received {}",
                    name(), input_shape.str()));
  }
  add_weight(alpha_, "alpha", shape, options_.alpha_initializer);
}

Tensor PReLU::call(const Tensor& x, const CallContext&) {
  return activations::relu(x) - alpha_.tensor() * activations::relu(-x);
}

}  // namespace banach::layers
