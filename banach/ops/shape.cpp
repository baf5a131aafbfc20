#include <banach/core/errors.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace banach {

std::vector<TensorSpec> ReshapeOp::infer(const Tensors& inputs) const {
  const TensorSpec& x = inputs[0].spec();
  if (x.shape.size() != shape.size()) {
    throw InvalidArgument(fmt::format("{}reshape: {} holds {} elements, {} would hold {}",
                                      NameScope::tag(), x.shape.str(), x.shape.size(), shape.str(),
                                      shape.size()));
  }
  return {{shape, x.dtype}};
}

Tensors ReshapeOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  return {ops::reshape(dy[0], inputs[0].shape())};
}

std::string TransposeOp::attributes() const { return fmt::format("{}", permutation); }

std::vector<TensorSpec> TransposeOp::infer(const Tensors& inputs) const {
  const TensorSpec& x = inputs[0].spec();
  if (static_cast<int>(permutation.size()) != x.shape.rank()) {
    throw InvalidArgument(fmt::format("{}transpose expected {} axes for {}, received {}",
                                      NameScope::tag(), x.shape.rank(), x.shape.str(),
                                      permutation.size()));
  }
  Shape shape;
  for (int axis : permutation) shape.push_back(x.shape[axis]);
  return {{shape, x.dtype}};
}

Tensors TransposeOp::vjp(const Tensors&, const Tensors&, const Tensors& dy) const {
  std::vector<int> inverse(permutation.size());
  for (std::size_t k = 0; k < permutation.size(); ++k)
    inverse[permutation[k]] = static_cast<int>(k);
  return {ops::transpose(dy[0], inverse)};
}

std::vector<TensorSpec> BroadcastToOp::infer(const Tensors& inputs) const {
  const TensorSpec& x = inputs[0].spec();
  if (broadcast(x.shape, shape) != shape) {
    throw InvalidArgument(fmt::format("{}broadcast_to: {} cannot become {}", NameScope::tag(),
                                      x.shape.str(), shape.str()));
  }
  return {{shape, x.dtype}};
}

Tensors BroadcastToOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  const Shape& from = inputs[0].shape();
  const int shift = shape.rank() - from.rank();
  std::vector<int> axes;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axis < shift || (from[axis - shift] == 1 && shape[axis] != 1)) axes.push_back(axis);
  }
  return {ops::reshape(ops::sum(dy[0], axes), from)};
}

std::vector<TensorSpec> CopyOp::infer(const Tensors& inputs) const { return {inputs[0].spec()}; }

Tensors CopyOp::vjp(const Tensors&, const Tensors&, const Tensors& dy) const { return dy; }

Tensor ops::copy(const Tensor& x) { return make_node<CopyOp>({x}); }

Tensor ops::reshape(const Tensor& x, const Shape& shape) {
  const Shape target = shape.resolved(x.shape().size());
  return target == x.shape() ? x : make_node<ReshapeOp>({x}, target);
}

Tensor ops::expand_dims(const Tensor& x, int axis) {
  const Shape wider = x.shape().concat({1});
  const int at = wider.normalize(axis);
  return reshape(x, x.shape().slice(0, at).concat({1}).concat(x.shape().slice(at, x.rank())));
}

Tensor ops::squeeze(const Tensor& x, const Axes& axes) {
  std::vector<bool> gone(static_cast<std::size_t>(x.rank()));
  for (int axis = 0; axis < x.rank(); ++axis) gone[axis] = axes.is_empty() && x.dim(axis) == 1;
  for (const int axis : axes.values()) {
    if (x.dim(axis) != 1) {
      throw InvalidArgument(fmt::format("{}squeeze: axis {} of {} is not of size 1",
                                        NameScope::tag(), axis, x.shape().str()));
    }
    gone[x.shape().normalize(axis)] = true;
  }
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (!gone[axis]) shape.push_back(x.dim(axis));
  }
  return reshape(x, shape);
}

Tensor ops::transpose(const Tensor& x, std::vector<int> axes) {
  return make_node<TransposeOp>({x}, std::move(axes));
}

Tensor ops::broadcast_to(const Tensor& x, const Shape& shape) {
  return x.shape() == shape ? x : make_node<BroadcastToOp>({x}, shape);
}

}  // namespace banach
