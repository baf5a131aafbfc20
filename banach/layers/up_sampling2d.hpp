#pragma once

#include <banach/layers/layer.hpp>
#include <banach/ops/window.hpp>

namespace banach::layers {

struct UpSampling2DOptions {
  std::string interpolation = "nearest";  ///< or "bilinear"
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// An image made larger: (batch, height, width, channels) -> (batch, height * size, width * size,
/// channels). Keras' other interpolations are NotSupported. Keras:
/// layers/reshaping/up_sampling2d.py.
class UpSampling2D final : public LayerOf<UpSampling2D> {
 public:
  explicit UpSampling2D(Size2 size = 2, const UpSampling2DOptions& options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  Size2 size_;
  UpSampling2DOptions options_;
};

}  // namespace banach::layers
