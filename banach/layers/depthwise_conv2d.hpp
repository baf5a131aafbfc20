#pragma once

#include <banach/layers/layer.hpp>
#include <banach/nn/activations.hpp>
#include <banach/ops/window.hpp>

namespace banach::layers {

struct DepthwiseConv2DOptions {
  Size2 strides = 1;
  std::string padding = "valid";  ///< or "same"
  std::int64_t depth_multiplier = 1;
  Size2 dilation_rate = 1;
  ActivationFunction activation = "linear";
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// Every channel with depth_multiplier filters of its own, y = activation(x * kernel + bias):
/// (batch, height, width, channels) -> (batch, height', width', channels * depth_multiplier).
/// Weights: kernel (height, width, channels, depth_multiplier), bias (channels *
/// depth_multiplier,). Keras: layers/convolutional/base_depthwise_conv.py, channels last.
class DepthwiseConv2D final : public LayerOf<DepthwiseConv2D> {
 public:
  explicit DepthwiseConv2D(Size2 kernel_size, DepthwiseConv2DOptions options = {});

  void build(const Shape& input_shape) override;
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  Size2 kernel_size_;
  DepthwiseConv2DOptions options_;
  Variable kernel_, bias_;
};

}  // namespace banach::layers
