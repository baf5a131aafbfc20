#pragma once

#include <banach/layers/layer.hpp>
#include <banach/nn/activations.hpp>
#include <banach/ops/window.hpp>

namespace banach::layers {

struct Conv2DOptions {
  Size2 strides = 1;
  std::string padding = "valid";  ///< or "same"
  Size2 dilation_rate = 1;
  std::int64_t groups = 1;
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

/// y = activation(x * kernel + bias): (batch, height, width, channels) ->
/// (batch, height', width', filters). Weights: kernel (height, width, channels / groups, filters),
/// bias (filters,). Keras: layers/convolutional/base_conv.py, channels last.
class Conv2D final : public LayerOf<Conv2D> {
 public:
  Conv2D(std::int64_t filters, Size2 kernel_size, Conv2DOptions options = {});

  void build(const Shape& input_shape) override;
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  std::int64_t filters_;
  Size2 kernel_size_;
  Conv2DOptions options_;
  Variable kernel_, bias_;
};

}  // namespace banach::layers
