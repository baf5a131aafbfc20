#pragma once

#include <banach/layers/layer.hpp>

#include <vector>

namespace banach::layers {

struct LayerNormalizationOptions {
  std::vector<int> axis = {-1};  ///< the last axis, or several up to the last
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with the moments of each sample over
/// `axis`. Weights: gamma, beta, of the sizes of these axes. Axes before others that are not
/// normalized are NotSupported. Keras: layers/normalization/layer_normalization.py.
class LayerNormalization final : public LayerOf<LayerNormalization> {
 public:
  explicit LayerNormalization(LayerNormalizationOptions options = {});
  void build(const Shape& input_shape) override;
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;
  Shape normalized_shape(const Shape& input_shape) const;

  LayerNormalizationOptions options_;
  Variable gamma_, beta_;
};

}  // namespace banach::layers
