#include <banach/core/errors.hpp>
#include <banach/ops/check_inputs.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/normalization.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

// Of the last axis of x, the one that gamma and beta scale and shift.
TensorSpec channels_of(const TensorSpec& x) { return {Shape{x.shape[-1]}, x.dtype}; }

void check_affine(const std::string& op, const Tensors& inputs) {
  check_spec(op, "gamma", inputs[1], channels_of(inputs[0].spec()));
  check_spec(op, "beta", inputs[2], channels_of(inputs[0].spec()));
}

}  // namespace

std::string BatchNormOp::attributes() const { return fmt::format("epsilon={}", epsilon); }

std::vector<TensorSpec> BatchNormOp::infer(const Tensors& inputs) const {
  const TensorSpec& x = inputs[0].spec();
  check_affine(name(), inputs);
  return {x, channels_of(x), channels_of(x)};
}

Tensors BatchNormOp::vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const {
  if (dy[1] || dy[2]) {
    throw NotSupported(NameScope::tag() + "the moments of batch_norm have no gradient");
  }
  return add_node(std::make_shared<BatchNormGradOp>(epsilon),
                  {dy[0], inputs[0], inputs[1], outputs[1], outputs[2]});
}

Tensors BatchNormOp::lower(const Tensors& inputs) const {
  const Tensor &x = inputs[0], &gamma = inputs[1], &beta = inputs[2];
  const Tensor mean = ops::mean_but_last(x);
  const Tensor variance = ops::mean_but_last(ops::square(x - mean));
  return {(x - mean) * (gamma * ops::rsqrt(variance + epsilon)) + beta, mean, variance};
}

std::vector<TensorSpec> BatchNormGradOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 5);
  return {inputs[1].spec(), inputs[2].spec(), inputs[2].spec()};
}

std::string LayerNormOp::attributes() const { return fmt::format("epsilon={}", epsilon); }

std::vector<TensorSpec> LayerNormOp::infer(const Tensors& inputs) const {
  const TensorSpec& x = inputs[0].spec();
  check_affine(name(), inputs);
  const TensorSpec rows{x.shape.slice(0, x.shape.rank() - 1), x.dtype};
  return {x, rows, rows};
}

Tensors LayerNormOp::vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const {
  return add_node(std::make_shared<LayerNormGradOp>(),
                  {dy[0], inputs[0], inputs[1], outputs[1], outputs[2]});
}

Tensors LayerNormOp::lower(const Tensors& inputs) const {
  const Tensor &x = inputs[0], &gamma = inputs[1], &beta = inputs[2];
  const Shape rows = x.shape().slice(0, x.rank() - 1);
  const Tensor mean = ops::mean(x, {-1}, true);
  const Tensor variance = ops::mean(ops::square(x - mean), {-1}, true);
  const Tensor rstd = ops::rsqrt(variance + epsilon);
  return {(x - mean) * rstd * gamma + beta, ops::reshape(mean, rows), ops::reshape(rstd, rows)};
}

std::vector<TensorSpec> LayerNormGradOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 5);
  return {inputs[1].spec(), inputs[2].spec(), inputs[2].spec()};
}

// With g = dy gamma: dbeta = sum dy, dgamma = sum dy xhat,
// dx = rstd (g - mean(g) - xhat mean(g xhat))   (Ba et al. 2016)
Tensors LayerNormGradOp::lower(const Tensors& inputs) const {
  const Tensor &dy = inputs[0], &x = inputs[1], &gamma = inputs[2];
  const Shape column = x.shape().with(-1, 1);
  const Tensor mean = ops::reshape(inputs[3], column), rstd = ops::reshape(inputs[4], column);
  const Tensor xhat = (x - mean) * rstd, g = dy * gamma;
  const Tensor mean_g = ops::mean(g, {-1}, true), mean_gx = ops::mean(g * xhat, {-1}, true);
  return {rstd * (g - mean_g - xhat * mean_gx), ops::sum_but_last(dy * xhat),
          ops::sum_but_last(dy)};
}

ops::BatchNormResult ops::batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                     double epsilon) {
  const Tensors all = add_node(std::make_shared<BatchNormOp>(epsilon), {x, gamma, beta});
  return {all[0], all[1], all[2]};
}

Tensor ops::layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon) {
  return make_node<LayerNormOp>({x, gamma, beta}, epsilon);
}

}  // namespace banach
