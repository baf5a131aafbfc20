#pragma once

#include <banach/core/host_device.hpp>
#include <banach/core/shape.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace banach::cuda {

/// How arrays are walked to fill a row-major one: its axes, and each array's step along them, in
/// elements (0 where the array is repeated). Goes to kernels by value.
template <int kArrays>
struct Walk {
  int rank = 0;
  std::int64_t size = 1;  // product of dims
  std::int64_t dims[Shape::kMaxRank] = {};
  std::int64_t steps[kArrays][Shape::kMaxRank] = {};

  /// Whether 32 bits hold every index of the filled array: dividing them is much faster.
  bool is_small() const { return size <= INT32_MAX; }

  /// Where in each array element i of the filled one comes from. Index: std::uint32_t when small,
  /// else std::uint64_t.
  template <class Index>
  BANACH_HOST_DEVICE void locate(std::int64_t i, std::int64_t (&at)[kArrays]) const {
    Index rest = static_cast<Index>(i);
    for (int a = 0; a < kArrays; ++a) at[a] = 0;
    for (int axis = rank - 1; axis > 0; --axis) {
      const Index dim = static_cast<Index>(dims[axis]), next = rest / dim;
      const std::int64_t position = rest - next * dim;
      for (int a = 0; a < kArrays; ++a) at[a] += position * steps[a][axis];
      rest = next;
    }
    for (int a = 0; a < kArrays; ++a) at[a] += static_cast<std::int64_t>(rest) * steps[a][0];
  }
};

using Steps = std::vector<std::int64_t>;

/// Steps of an array of shape `from` that is broadcast to `to`.
inline Steps broadcast_steps(const Shape& from, const Shape& to) {
  const Steps strides = from.strides();
  Steps steps(static_cast<std::size_t>(to.rank()), 0);
  const int shift = to.rank() - from.rank();
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] != 1) steps[axis + shift] = strides[axis];
  }
  return steps;
}

/// With as few axes as will do: those of size 1 are left out, those that lie like one are merged.
template <int kArrays>
Walk<kArrays> make_walk(const Shape& shape, const std::array<Steps, kArrays>& steps) {
  Walk<kArrays> walk;
  walk.size = shape.size();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1) continue;
    bool merges = walk.rank > 0;
    for (int a = 0; merges && a < kArrays; ++a) {
      merges = walk.steps[a][walk.rank - 1] == steps[a][axis] * shape[axis];
    }
    if (!merges) walk.dims[walk.rank++] = 1;
    walk.dims[walk.rank - 1] *= shape[axis];
    for (int a = 0; a < kArrays; ++a) walk.steps[a][walk.rank - 1] = steps[a][axis];
  }
  return walk;
}

}  // namespace banach::cuda
