#pragma once

// Layers that make one tensor of several: `Add()({a, b})`.

#include <banach/layers/layer.hpp>

namespace banach::layers {

/// What the elementwise ones share: inputs with the same batch whose other axes broadcast. Inputs
/// of fewer axes get axes of size 1 behind the batch. InvalidArgument, with both shapes, for
/// others. Keras: layers/merging/base_merge.py.
class Merge : public Layer {
 public:
  using Layer::Layer;
  Tensors call_many(const Tensors& inputs, const CallContext& context) override;

 protected:
  /// Of what was merged so far and the next input.
  virtual Tensor merge(const Tensor& merged, const Tensor& next) const = 0;
  /// Of all inputs, merged.
  virtual Tensor finish(const Tensor& merged, std::size_t count) const;
};

class Add final : public LayerOf<Add, Merge> {
 public:
  using LayerOf::LayerOf;

 protected:
  Tensor merge(const Tensor& merged, const Tensor& next) const override;
};

/// The first input minus the second; there are exactly two.
class Subtract final : public LayerOf<Subtract, Merge> {
 public:
  using LayerOf::LayerOf;
  Tensors call_many(const Tensors& inputs, const CallContext& context) override;

 protected:
  Tensor merge(const Tensor& merged, const Tensor& next) const override;
};

class Multiply final : public LayerOf<Multiply, Merge> {
 public:
  using LayerOf::LayerOf;

 protected:
  Tensor merge(const Tensor& merged, const Tensor& next) const override;
};

class Average final : public LayerOf<Average, Merge> {
 public:
  using LayerOf::LayerOf;

 protected:
  Tensor merge(const Tensor& merged, const Tensor& next) const override;
  Tensor finish(const Tensor& merged, std::size_t count) const override;
};

/// The gradient of equal values flows to the first.
class Maximum final : public LayerOf<Maximum, Merge> {
 public:
  using LayerOf::LayerOf;

 protected:
  Tensor merge(const Tensor& merged, const Tensor& next) const override;
};

class Minimum final : public LayerOf<Minimum, Merge> {
 public:
  using LayerOf::LayerOf;

 protected:
  Tensor merge(const Tensor& merged, const Tensor& next) const override;
};

/// The inputs one after another along an axis (0 is the batch); all others are the same.
/// InvalidArgument, with both shapes, otherwise. Keras: layers/merging/concatenate.py.
class Concatenate final : public LayerOf<Concatenate> {
 public:
  explicit Concatenate(int axis = -1, const CommonOptions& options = {})
      : LayerOf(options), axis_(axis) {}
  Tensors call_many(const Tensors& inputs, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  int axis_;
};

/// A new layer called at once, as keras.layers.add: `x = add({x, y})`.
inline Tensor add(const Tensors& inputs, const CommonOptions& options = {}) {
  return Add(options)(inputs);
}
inline Tensor subtract(const Tensors& inputs, const CommonOptions& options = {}) {
  return Subtract(options)(inputs);
}
inline Tensor multiply(const Tensors& inputs, const CommonOptions& options = {}) {
  return Multiply(options)(inputs);
}
inline Tensor average(const Tensors& inputs, const CommonOptions& options = {}) {
  return Average(options)(inputs);
}
inline Tensor maximum(const Tensors& inputs, const CommonOptions& options = {}) {
  return Maximum(options)(inputs);
}
inline Tensor minimum(const Tensors& inputs, const CommonOptions& options = {}) {
  return Minimum(options)(inputs);
}
inline Tensor concatenate(const Tensors& inputs, int axis = -1, const CommonOptions& options = {}) {
  return Concatenate(axis, options)(inputs);
}

}  // namespace banach::layers
