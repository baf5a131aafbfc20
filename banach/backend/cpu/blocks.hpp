#pragma once

#include <banach/core/shape.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace banach::cpu {

/// A shape as (outer, rows, columns), of which something happens to the rows.
struct Blocks {
  std::int64_t outer = 1, rows = 1, columns = 1;
};

/// `axes`, sorted, as the rows; nothing when they do not lie side by side.
inline std::optional<Blocks> blocks_of(const Shape& shape, const std::vector<int>& axes) {
  Blocks blocks;
  const int first = axes.empty() ? 0 : axes.front(), end = first + static_cast<int>(axes.size());
  if (!axes.empty() && axes.back() + 1 != end) return std::nullopt;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    (axis < first ? blocks.outer : axis < end ? blocks.rows : blocks.columns) *= shape[axis];
  }
  return blocks;
}

/// The axes along which `from` is repeated to become `to` as the rows; the same condition.
inline std::optional<Blocks> repeated_blocks(const Shape& from, const Shape& to) {
  std::vector<int> axes;
  Shape large;  // `to` without axes of size 1, which belong to any block
  const int shift = to.rank() - from.rank();
  for (int axis = 0; axis < to.rank(); ++axis) {
    if (to[axis] == 1) continue;
    if (axis < shift || from[axis - shift] == 1) axes.push_back(large.rank());
    large.push_back(to[axis]);
  }
  return blocks_of(large, axes);
}

}  // namespace banach::cpu
