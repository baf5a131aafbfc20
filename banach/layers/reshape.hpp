#pragma once

#include <banach/layers/layer.hpp>

namespace banach::layers {

struct ReshapeOptions {
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// (batch, ...) -> (batch, product of the rest). Keras: layers/reshaping/flatten.py.
class Flatten final : public LayerOf<Flatten> {
 public:
  explicit Flatten(const ReshapeOptions& options = {}) : LayerOf(common(options)) {}
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;
};

/// (batch, ...) -> (batch, target_shape...); one dimension may be -1. Keras:
/// layers/reshaping/reshape.py.
class Reshape final : public LayerOf<Reshape> {
 public:
  explicit Reshape(const Shape& target_shape, const ReshapeOptions& options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  Shape target_shape_;
};

}  // namespace banach::layers
