#include <banach/core/errors.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/slice.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

bool fits(const Tensor& x, const Tensor& first, int axis) {
  return x.dtype() == first.dtype() && x.rank() == first.rank() &&
         x.shape().with(axis, 0) == first.shape().with(axis, 0);
}

std::string described(const Tensor& x) {
  return fmt::format("{} {}", name_of(x.dtype()), x.shape().str());
}

Shape zeros(int rank) {
  Shape result;
  while (result.rank() < rank) result.push_back(0);
  return result;
}

bool is_negative(std::int64_t number) { return number < 0; }

}  // namespace

std::string ConcatenateOp::attributes() const { return fmt::format("axis={}", axis); }

std::vector<TensorSpec> ConcatenateOp::infer(const Tensors& inputs) const {
  TensorSpec result = inputs[0].spec();
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (!fits(inputs[i], inputs[0], axis)) {
      throw InvalidArgument(fmt::format(
          "{}concatenate expected one dtype, and shapes that differ on axis {} only, received {} "
          "and {}",
          NameScope::tag(), axis, described(inputs[0]), described(inputs[i])));
    }
    result.shape[axis] += inputs[i].dim(axis);
  }
  return {result};
}

Tensors ConcatenateOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  Tensors result;
  Shape start = zeros(dy[0].rank());
  for (const Tensor& x : inputs) {
    result.push_back(ops::slice(dy[0], start, x.shape()));
    start[axis] += x.dim(axis);
  }
  return result;
}

std::string SliceOp::attributes() const { return "from " + start.str(); }

std::vector<TensorSpec> SliceOp::infer(const Tensors& inputs) const {
  const TensorSpec& x = inputs[0].spec();
  bool inside = start.rank() == x.shape.rank() && shape.rank() == x.shape.rank();
  for (int axis = 0; inside && axis < x.shape.rank(); ++axis) {
    inside = start[axis] >= 0 && shape[axis] >= 0 && start[axis] + shape[axis] <= x.shape[axis];
  }
  if (!inside) {
    throw InvalidArgument(fmt::format("{}slice: {} has no box of shape {} from {} on",
                                      NameScope::tag(), x.shape.str(), shape.str(), start.str()));
  }
  return {{shape, x.dtype}};
}

Tensors SliceOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  Shape after = inputs[0].shape();
  for (int axis = 0; axis < after.rank(); ++axis) after[axis] -= start[axis] + shape[axis];
  return {make_node<PadOp>({dy[0]}, start, after)};
}

std::string PadOp::attributes() const { return before.str() + after.str(); }

std::vector<TensorSpec> PadOp::infer(const Tensors& inputs) const {
  TensorSpec result = inputs[0].spec();
  if (before.rank() != result.shape.rank() || std::ranges::any_of(before, is_negative) ||
      std::ranges::any_of(after, is_negative)) {
    throw InvalidArgument(
        fmt::format("{}pad expected two numbers of zeros for each axis of {}, received {} and {}",
                    NameScope::tag(), result.shape.str(), before.str(), after.str()));
  }
  for (int axis = 0; axis < before.rank(); ++axis) result.shape[axis] += before[axis] + after[axis];
  return {result};
}

Tensors PadOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  return {ops::slice(dy[0], before, inputs[0].shape())};
}

Tensor ops::concatenate(const Tensors& xs, int axis) {
  if (xs.empty()) throw InvalidArgument(NameScope::tag() + "concatenate expected some tensors");
  return xs.size() == 1 ? xs[0] : make_node<ConcatenateOp>(xs, xs[0].shape().normalize(axis));
}

Tensor ops::stack(const Tensors& xs, int axis) {
  Tensors wider;
  for (const Tensor& x : xs) wider.push_back(expand_dims(x, axis));
  return concatenate(wider, axis);
}

Tensor ops::slice(const Tensor& x, const Shape& start_indices, const Shape& shape) {
  return x.shape() == shape ? x : make_node<SliceOp>({x}, start_indices, shape);
}

Tensor ops::pad(const Tensor& x,
                const std::vector<std::pair<std::int64_t, std::int64_t>>& pad_width) {
  Shape before, after;
  for (const auto& [first, last] : pad_width) {
    before.push_back(first);
    after.push_back(last);
  }
  return before == zeros(x.rank()) && after == before ? x : make_node<PadOp>({x}, before, after);
}

}  // namespace banach
