#pragma once

#include <banach/graph/op.hpp>

#include <utility>

namespace banach {

/// The inputs one after another along an axis.
class ConcatenateOp final : public Op {
 public:
  explicit ConcatenateOp(int axis) : axis(axis) {}
  std::string name() const override { return "concatenate"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const int axis;  // in [0, rank)
};

/// y[i] = x[start + i]: a box out of x.
class SliceOp final : public Op {
 public:
  SliceOp(Shape start, Shape shape) : start(start), shape(shape) {}
  std::string name() const override { return "slice"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const Shape start, shape;
};

/// Zeros around x: `before` and `after` it on each axis.
class PadOp final : public Op {
 public:
  PadOp(Shape before, Shape after) : before(before), after(after) {}
  std::string name() const override { return "pad"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const Shape before, after;
};

namespace ops {

/// All shapes and dtypes are the same, but for the size of `axis`; InvalidArgument otherwise.
Tensor concatenate(const Tensors& xs, int axis = -1);
/// Along a new axis, at `axis` of the result.
Tensor stack(const Tensors& xs, int axis = 0);
/// The box of `shape` whose first element is x[start_indices].
Tensor slice(const Tensor& x, const Shape& start_indices, const Shape& shape);
/// {zeros before, zeros after} for each axis.
Tensor pad(const Tensor& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& pad_width);

}  // namespace ops
}  // namespace banach
