#pragma once

#include <banach/layers/layer.hpp>
#include <banach/ops/window.hpp>

namespace banach::layers {

struct Pooling2DOptions {
  std::optional<Size2> strides = {};  ///< default: the pool size
  std::string padding = "valid";      ///< or "same"
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// The largest value of each window, per channel: (batch, height, width, channels) -> (batch,
/// height', width', channels). Keras: layers/pooling/max_pooling2d.py.
class MaxPooling2D final : public LayerOf<MaxPooling2D> {
 public:
  explicit MaxPooling2D(Size2 pool_size = 2, Pooling2DOptions options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  Size2 pool_size_;
  Pooling2DOptions options_;
};

/// The mean of each window, per channel, leaving out padding. Keras:
/// layers/pooling/average_pooling2d.py.
class AveragePooling2D final : public LayerOf<AveragePooling2D> {
 public:
  explicit AveragePooling2D(Size2 pool_size = 2, Pooling2DOptions options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  Size2 pool_size_;
  Pooling2DOptions options_;
};

}  // namespace banach::layers
