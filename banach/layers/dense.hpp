#pragma once

#include <banach/layers/layer.hpp>
#include <banach/nn/activations.hpp>

namespace banach::layers {

struct DenseOptions {
  ActivationFunction activation = "linear";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// y = activation(x kernel + bias) on the last axis: (batch, ..., n) -> (batch, ..., units).
/// Weights: kernel (n, units), bias (units,). Keras: layers/core/dense.py.
class Dense final : public LayerOf<Dense> {
 public:
  explicit Dense(std::int64_t units, DenseOptions options = {});

  void build(const Shape& input_shape) override;
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  std::int64_t units_;
  DenseOptions options_;
  Variable kernel_, bias_;
};

}  // namespace banach::layers
