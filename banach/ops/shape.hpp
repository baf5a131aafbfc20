#pragma once

#include <banach/graph/op.hpp>
#include <banach/ops/axes.hpp>

namespace banach {

/// The same memory in another shape.
class ReshapeOp final : public Op {
 public:
  explicit ReshapeOp(Shape shape) : shape(shape) {}
  std::string name() const override { return "reshape"; }
  std::string attributes() const override { return shape.str(); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
  bool is_view() const override { return true; }

  const Shape shape;
};

/// y[i_p0, i_p1, ...] = x[i_0, i_1, ...]: output axis k is input axis permutation[k].
class TransposeOp final : public Op {
 public:
  explicit TransposeOp(std::vector<int> permutation) : permutation(std::move(permutation)) {}
  std::string name() const override { return "transpose"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const std::vector<int> permutation;
};

/// The values repeated along new axes and axes of size 1.
class BroadcastToOp final : public Op {
 public:
  explicit BroadcastToOp(Shape shape) : shape(shape) {}
  std::string name() const override { return "broadcast_to"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const Shape shape;
};

/// The same values in memory of their own.
class CopyOp final : public Op {
 public:
  std::string name() const override { return "copy"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
};

namespace ops {

/// One dimension may be -1. InvalidArgument when the sizes differ.
Tensor reshape(const Tensor& x, const Shape& shape);
/// With a new axis of size 1 at `axis` of the result.
Tensor expand_dims(const Tensor& x, int axis);
/// Without these axes, whose size must be 1, or without all of size 1.
Tensor squeeze(const Tensor& x, const Axes& axes = {});
Tensor transpose(const Tensor& x, std::vector<int> axes);
Tensor broadcast_to(const Tensor& x, const Shape& shape);
Tensor copy(const Tensor& x);

}  // namespace ops
}  // namespace banach
