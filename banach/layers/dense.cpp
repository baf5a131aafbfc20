#include <banach/core/errors.hpp>
#include <banach/layers/dense.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/shape.hpp>

#include <fmt/format.h>

namespace banach::layers {

Dense::Dense(std::int64_t units, DenseOptions options)
    : LayerOf(common(options)), units_(units), options_(std::move(options)) {
  check();
}

void Dense::check() const {
  if (units_ < 1) {
    throw InvalidArgument(fmt::format("[Dense] units must be at least 1, received {}", units_));
  }
}

void Dense::describe(Fields& fields) {
  fields.required("units", units_)("activation", options_.activation);
  fields("use_bias", options_.use_bias)("kernel_initializer", options_.kernel_initializer);
  fields("bias_initializer", options_.bias_initializer);
  fields("kernel_regularizer", options_.kernel_regularizer);
  fields("bias_regularizer", options_.bias_regularizer);
  if (fields.reading()) fields.only("activity_regularizer", Json());  // Keras writes no null here
  fields("kernel_constraint", options_.kernel_constraint);
  fields("bias_constraint", options_.bias_constraint);
  if (fields.reading()) check();
}

void Dense::build(const Shape& input_shape) {
  if (input_shape.rank() < 2 || input_shape[-1] < 0) {
    throw InvalidArgument(
        fmt::format("[{}] expected an input (batch, ..., n) with a known last axis, received {}",
                    name(), input_shape.str()));
  }
  const DenseOptions& o = options_;
  add_weight(kernel_, "kernel", {input_shape[-1], units_}, o.kernel_initializer, true,
             o.kernel_regularizer, o.kernel_constraint);
  if (!o.use_bias) return;
  add_weight(bias_, "bias", {units_}, o.bias_initializer, true, o.bias_regularizer,
             o.bias_constraint);
}

Tensor Dense::call(const Tensor& x, const CallContext&) {
  const std::int64_t inputs = kernel_.shape()[0];
  if (x.rank() < 2 || x.dim(-1) != inputs) {
    throw InvalidArgument(
        fmt::format("[{}] expected an input whose last axis is {} (kernel is {}), received {}.{}",
                    name(), inputs, kernel_.shape().str(), x.shape().with(0, kUnknown).str(),
                    x.rank() > 2 ? " Add Flatten() before it." : ""));
  }
  const Tensor rows = ops::reshape(x, {-1, inputs});
  Tensor y = ops::matmul(rows, kernel_);
  if (options_.use_bias) y = y + bias_.tensor();
  return options_.activation(ops::reshape(y, x.shape().with(-1, units_)));
}

}  // namespace banach::layers
