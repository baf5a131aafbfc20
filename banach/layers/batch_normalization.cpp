#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/batch_normalization.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/normalization.hpp>
#include <banach/ops/shape.hpp>

#include <fmt/format.h>

namespace banach::layers {

BatchNormalization::BatchNormalization(BatchNormalizationOptions options)
    : LayerOf(common(options)), options_(std::move(options)) {
  check();
}

void BatchNormalization::check() const {
  if (!(options_.epsilon > 0) || !(options_.momentum >= 0 && options_.momentum <= 1)) {
    throw InvalidArgument(
        fmt::format("[BatchNormalization] expected epsilon > 0 and momentum in "
                    "[0, 1], received epsilon={} momentum={}",
                    options_.epsilon, options_.momentum));
  }
}

void BatchNormalization::describe(Fields& fields) {
  Json axis = axis_;
  fields("axis", axis)("momentum", options_.momentum)("epsilon", options_.epsilon);
  const bool listed = axis.is_list() && axis.as_list().size() == 1;  // as TensorFlow 2 writes it
  axis_ = listed ? axis.as_list()[0].as_int() : axis.as_int();
  fields("center", options_.center)("scale", options_.scale);
  fields("beta_initializer", options_.beta_initializer);
  fields("gamma_initializer", options_.gamma_initializer);
  fields("moving_mean_initializer", options_.moving_mean_initializer);
  fields("moving_variance_initializer", options_.moving_variance_initializer);
  fields("beta_regularizer", options_.beta_regularizer);
  fields("gamma_regularizer", options_.gamma_regularizer);
  fields("beta_constraint", options_.beta_constraint);
  fields("gamma_constraint", options_.gamma_constraint);
  fields.only("synchronized", false).only("renorm", false).only("renorm_clipping", Json());
  fields.only("renorm_momentum", 0.99);
  if (fields.reading()) check();
}

void BatchNormalization::build(const Shape& input_shape) {
  if (input_shape.rank() < 2 || input_shape[-1] < 0) {
    throw InvalidArgument(fmt::format(
        "[{}] expected an input (batch, ..., channels) with a known last axis, received {}", name(),
        input_shape.str()));
  }
  if (axis_ != -1 && axis_ != input_shape.rank() - 1) {
    throw NotSupported(fmt::format("[{}] normalizes the last axis alone, received axis={} for {}",
                                   name(), axis_, input_shape.str()));
  }
  const Shape shape{input_shape[-1]};
  const BatchNormalizationOptions& o = options_;
  if (o.scale) {
    add_weight(gamma_, "gamma", shape, o.gamma_initializer, true, o.gamma_regularizer,
               o.gamma_constraint);
  }
  if (o.center) {
    add_weight(beta_, "beta", shape, o.beta_initializer, true, o.beta_regularizer,
               o.beta_constraint);
  }
  add_weight(moving_mean_, "moving_mean", shape, o.moving_mean_initializer, false);
  add_weight(moving_variance_, "moving_variance", shape, o.moving_variance_initializer, false);
}

Tensor BatchNormalization::gamma(const Tensor& x) const {
  if (options_.scale) return gamma_;
  return constant(Array::full({x.dim(-1)}, 1, x.dtype()));
}

Tensor BatchNormalization::beta(const Tensor& x) const {
  if (options_.center) return beta_;
  return constant(Array::full({x.dim(-1)}, 0, x.dtype()));
}

void BatchNormalization::update(const Variable& average, const Tensor& moment) const {
  average.assign(average.tensor() * options_.momentum + moment * (1 - options_.momentum));
}

Tensor BatchNormalization::call(const Tensor& x, const CallContext& context) {
  // as in Keras: moments need float32's precision
  const DType dtype = widened(compute_dtype());
  const AutocastScope autocast(dtype);
  return cast(normalize(cast(x, dtype), context), compute_dtype());
}

Tensor BatchNormalization::normalize(const Tensor& x, const CallContext& context) {
  if (x.dim(-1) != moving_mean_.shape()[0]) {
    throw InvalidArgument(fmt::format("[{}] expected an input whose last axis is {}, received {}",
                                      name(), moving_mean_.shape()[0],
                                      x.shape().with(0, kUnknown).str()));
  }
  if (context.training && trainable()) {
    const auto [y, mean, variance] = ops::batch_norm(x, gamma(x), beta(x), options_.epsilon);
    update(moving_mean_, mean);
    update(moving_variance_, variance);
    return y;
  }
  const Tensor scale = gamma(x) * ops::rsqrt(moving_variance_.tensor() + options_.epsilon);
  return (x - moving_mean_.tensor()) * scale + beta(x);
}

}  // namespace banach::layers
