#pragma once

#include <banach/layers/layer.hpp>

namespace banach::layers {

struct GlobalPooling2DOptions {
  bool keepdims = false;  ///< the result is (batch, 1, 1, channels)
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// The mean of each channel over the image: (batch, height, width, channels) -> (batch, channels).
/// Keras: layers/pooling/global_average_pooling2d.py.
class GlobalAveragePooling2D final : public LayerOf<GlobalAveragePooling2D> {
 public:
  explicit GlobalAveragePooling2D(const GlobalPooling2DOptions& options = {})
      : LayerOf(common(options)), options_(options) {}
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  GlobalPooling2DOptions options_;
};

/// The largest value of each channel. Keras: layers/pooling/global_max_pooling2d.py.
class GlobalMaxPooling2D final : public LayerOf<GlobalMaxPooling2D> {
 public:
  explicit GlobalMaxPooling2D(const GlobalPooling2DOptions& options = {})
      : LayerOf(common(options)), options_(options) {}
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  GlobalPooling2DOptions options_;
};

}  // namespace banach::layers
