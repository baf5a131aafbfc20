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

namespace ops {

struct BatchNormResult {
  Tensor y, mean, variance;
};
BatchNormResult batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                           double epsilon);

}  // namespace ops
}  // namespace banach
