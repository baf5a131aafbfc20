#pragma once

#include <banach/backend/backend.hpp>
#include <banach/core/host_device.hpp>

#include <span>

namespace banach::cuda {

/// How an array lies in a larger one, in elements. Goes to kernels by value.
struct Padding {
  int rank = 0;
  std::int64_t size = 1;  // of the larger array
  std::int64_t dims[Shape::kMaxRank] = {}, before[Shape::kMaxRank] = {},
               inner[Shape::kMaxRank] = {};  // of the larger one, in front of the other, of that

  Padding(const Shape& shape, const Shape& before, const Shape& inner);

  /// Where element i of the larger array is in the other one; -1: it is not.
  template <class Index>
  BANACH_HOST_DEVICE std::int64_t locate(std::int64_t i) const {
    Index rest = static_cast<Index>(i);
    std::int64_t at = 0, step = 1;
    for (int axis = rank - 1; axis >= 0; --axis) {
      const Index dim = static_cast<Index>(dims[axis]), next = rest / dim;
      const std::int64_t position = static_cast<std::int64_t>(rest - next * dim) - before[axis];
      if (position < 0 || position >= inner[axis]) return -1;
      at += position * step;
      step *= inner[axis];
      rest = next;
    }
    return at;
  }
};

/// y = x with zeros around it; elements of 1, 2, 4 or 8 bytes.
Status pad(void* y, const void* x, const Padding& padding, std::size_t element_bytes);

/// An array of shape (rows, columns).
struct Part {
  const void* x;
  std::int64_t columns;
};
/// y (rows, sum of the parts' columns) = the parts side by side; elements of 1, 2, 4 or 8 bytes.
Status concatenate(void* y, std::span<const Part> parts, std::int64_t rows,
                   std::size_t element_bytes);

}  // namespace banach::cuda
