#pragma once

#include <banach/core/shape.hpp>

#include <cstddef>
#include <cstdint>

namespace banach::cpu {

/// How a box lies in two row-major arrays: runs of bytes that are contiguous in both.
struct Box {
  struct Axis {
    std::int64_t count = 1, to_step = 0, from_step = 0;  // steps in bytes
  };

  /// A box of `shape` from `to_start` on in an array of shape `to`, and from `from_start` on in one
  /// of shape `from`.
  Box(const Shape& shape, const Shape& to, const Shape& to_start, const Shape& from,
      const Shape& from_start, std::size_t element_bytes);

  std::int64_t runs = 1, run_bytes = 0;
  std::int64_t to_bytes = 0;  // of the whole array
  std::int64_t to_offset = 0, from_offset = 0;
  Axis axes[Shape::kMaxRank];  // of the runs, innermost first; at least one
  int num_axes = 0;
};

void copy_box(std::byte* to, const std::byte* from, const Box& box);
/// The same, and zeros in the rest of `to`.
void pad_box(std::byte* to, const std::byte* from, const Box& box);

}  // namespace banach::cpu
