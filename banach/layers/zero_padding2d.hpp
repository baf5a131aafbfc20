#pragma once

#include <banach/layers/layer.hpp>
#include <banach/ops/window.hpp>

#include <vector>

namespace banach::layers {

struct ZeroPadding2DOptions {
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// Zeros around an image: (batch, height, width, channels) -> (batch, top + height + bottom,
/// left + width + right, channels). Keras: layers/reshaping/zero_padding2d.py.
class ZeroPadding2D final : public LayerOf<ZeroPadding2D> {
 public:
  /// As many before as after: one number, or `{height, width}`.
  explicit ZeroPadding2D(Size2 padding = 1, const ZeroPadding2DOptions& options = {});
  /// `{{top, bottom}, {left, right}}`
  explicit ZeroPadding2D(const std::int64_t (&padding)[2][2],
                         const ZeroPadding2DOptions& options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  std::vector<Size2> padding_;  // {top, bottom}, {left, right}
};

}  // namespace banach::layers
