#include <banach/core/errors.hpp>
#include <banach/layers/merge.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/slice.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::layers {
namespace {

std::string without_batch(const Tensor& x) {
  return x.rank() == 0 ? x.shape().str() : x.shape().with(0, kUnknown).str();
}

[[noreturn]] void refuse(const std::string& layer, const std::string& expected, const Tensor& a,
                         const Tensor& b) {
  throw InvalidArgument(fmt::format("[{}] expected {}, received {} and {}", layer, expected,
                                    without_batch(a), without_batch(b)));
}

// (batch, ...) with axes of size 1 behind the batch, up to this rank.
Tensor with_rank(const Tensor& x, int rank) {
  Shape shape{x.dim(0)};
  while (shape.rank() + x.rank() <= rank) shape.push_back(1);
  return ops::reshape(x, shape.concat(x.shape().slice(1, x.rank())));
}

bool can_broadcast(const Tensor& a, const Tensor& b) {
  for (int axis = 1; axis <= std::min(a.rank(), b.rank()) - 1; ++axis) {
    if (a.dim(-axis) != b.dim(-axis) && a.dim(-axis) != 1 && b.dim(-axis) != 1) return false;
  }
  return true;
}

int largest_rank(const std::string& layer, const Tensors& inputs) {
  int rank = 0;
  for (const Tensor& x : inputs) {
    if (x.rank() == 0) refuse(layer, "inputs (batch, ...)", inputs[0], x);
    if (x.dim(0) != inputs[0].dim(0)) {
      throw InvalidArgument(
          fmt::format("[{}] expected inputs of one batch size, received {} and {}", layer,
                      inputs[0].shape().str(), x.shape().str()));
    }
    rank = std::max(rank, x.rank());
  }
  return rank;
}

}  // namespace

Tensors Merge::call_many(const Tensors& inputs, const CallContext&) {
  const int rank = largest_rank(name(), inputs);
  Tensor merged = with_rank(inputs[0], rank);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (!can_broadcast(merged, inputs[i])) {
      refuse(name(), "inputs whose shapes broadcast", merged, inputs[i]);
    }
    merged = merge(merged, with_rank(inputs[i], rank));
  }
  return {finish(merged, inputs.size())};
}

Tensor Merge::finish(const Tensor& merged, std::size_t) const { return merged; }

Tensors Subtract::call_many(const Tensors& inputs, const CallContext& context) {
  if (inputs.size() == 2) return Merge::call_many(inputs, context);
  throw InvalidArgument(
      fmt::format("[{}] expected exactly 2 inputs, received {}", name(), inputs.size()));
}

Tensor Add::merge(const Tensor& merged, const Tensor& next) const { return merged + next; }
Tensor Subtract::merge(const Tensor& merged, const Tensor& next) const { return merged - next; }
Tensor Multiply::merge(const Tensor& merged, const Tensor& next) const { return merged * next; }
Tensor Average::merge(const Tensor& merged, const Tensor& next) const { return merged + next; }
Tensor Average::finish(const Tensor& merged, std::size_t count) const {
  return merged / static_cast<double>(count);
}
Tensor Maximum::merge(const Tensor& merged, const Tensor& next) const {
  return ops::maximum(merged, next);
}
Tensor Minimum::merge(const Tensor& merged, const Tensor& next) const {
  return ops::minimum(merged, next);
}

void Concatenate::describe(Fields& fields) { fields("axis", axis_); }

Tensors Concatenate::call_many(const Tensors& inputs, const CallContext&) {
  const Tensor& first = inputs[0];
  const int axis = first.shape().normalize(axis_);
  for (const Tensor& x : inputs) {
    if (x.rank() == first.rank() && x.shape().with(axis, 0) == first.shape().with(axis, 0)) {
      continue;
    }
    refuse(name(), fmt::format("inputs of one shape but for axis {}", axis_), first, x);
  }
  return {ops::concatenate(inputs, axis)};
}

}  // namespace banach::layers
