#pragma once

#include <banach/graph/op.hpp>

namespace banach {

/// Batch normalization with the batch's own moments over all axes but the last:
/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta. Inputs x, gamma, beta; outputs y, mean
/// and variance (channels,). Gradients flow through y only; the moments feed moving averages.
class BatchNormOp final : public Op {
 public:
  explicit BatchNormOp(double epsilon) : epsilon(epsilon) {}
  std::string name() const override { return "batch_norm"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
  Tensors lower(const Tensors& inputs) const override;

  const double epsilon;
};

/// (dx, dgamma, dbeta) from dy, x, gamma, mean and variance.
class BatchNormGradOp final : public Op {
 public:
  explicit BatchNormGradOp(double epsilon) : epsilon(epsilon) {}
  std::string name() const override { return "batch_norm_grad"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const double epsilon;
};

/// Layer normalization, each row with its own moments: with xhat = (x - mean) * rstd and
/// rstd = 1 / sqrt(variance + epsilon), y = gamma xhat + beta. Inputs x (..., columns), gamma and
/// beta (columns,); outputs y, mean (...) and rstd (...). Gradients flow through y only.
class LayerNormOp final : public Op {
 public:
  explicit LayerNormOp(double epsilon) : epsilon(epsilon) {}
  std::string name() const override { return "layer_norm"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
  Tensors lower(const Tensors& inputs) const override;

  const double epsilon;
};

/// (dx, dgamma, dbeta) from dy, x, gamma, mean and rstd.
class LayerNormGradOp final : public Op {
 public:
  std::string name() const override { return "layer_norm_grad"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors lower(const Tensors& inputs) const override;
};

namespace ops {

struct BatchNormResult {
  Tensor y, mean, variance;
};
BatchNormResult batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                           double epsilon);
/// Over the last axis.
Tensor layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon);

}  // namespace ops
}  // namespace banach
