#pragma once

#include <banach/layers/layer.hpp>

#include <vector>

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

/// The axes of a sample in another order: axis k of the output is axis dims[k - 1] of the input,
/// counted from 1. Keras: layers/reshaping/permute.py.
class Permute final : public LayerOf<Permute> {
 public:
  explicit Permute(std::vector<int> dims, const ReshapeOptions& options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  std::vector<int> dims_;
};

}  // namespace banach::layers
