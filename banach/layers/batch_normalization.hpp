#pragma once

#include <banach/layers/layer.hpp>

namespace banach::layers {

struct BatchNormalizationOptions {
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta on the last axis, with the batch's
/// moments in training and their moving averages else (also while frozen). Weights, each
/// (channels,): gamma, beta, moving_mean, moving_variance. Keras:
/// layers/normalization/batch_normalization.py.
class BatchNormalization final : public LayerOf<BatchNormalization> {
 public:
  explicit BatchNormalization(BatchNormalizationOptions options = {});

  void build(const Shape& input_shape) override;
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;
  Tensor gamma(const Tensor& x) const;
  Tensor beta(const Tensor& x) const;
  Tensor normalize(const Tensor& x, const CallContext& context);
  void update(const Variable& average, const Tensor& moment) const;

  BatchNormalizationOptions options_;
  std::int64_t axis_ = -1;  // as a config says it
  Variable gamma_, beta_, moving_mean_, moving_variance_;
};

}  // namespace banach::layers
