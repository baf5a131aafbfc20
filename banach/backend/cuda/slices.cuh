#pragma once

// Sums that blocks made of slices of the rows, added in a fixed order.

#include <banach/backend/cuda/launch.cuh>

#include <algorithm>
#include <bit>

namespace banach::cuda {

inline constexpr int kSliceColumns = 32, kMostSliceLanes = 32;  // of a block

/// to (columns,) = the sum of parts (slices, columns) over slices: each lane of a block adds every
/// so many of them, then the lanes are added.
template <class T, class C>
__global__ void __launch_bounds__(kSliceColumns* kMostSliceLanes)
    add_slices_kernel(T* to, const C* parts, std::int64_t slices, std::int64_t columns) {
  constexpr int kAtOnce = 8;  // loads that are under way
  __shared__ C sums[kMostSliceLanes][kSliceColumns];
  const int across = static_cast<int>(threadIdx.x) % kSliceColumns;
  const int lane = static_cast<int>(threadIdx.x) / kSliceColumns;
  const int lanes = static_cast<int>(blockDim.x) / kSliceColumns;
  const std::int64_t column = std::int64_t{blockIdx.x} * kSliceColumns + across;
  C sum = 0;
  for (std::int64_t first = lane; first < slices && column < columns; first += kAtOnce * lanes) {
    C values[kAtOnce] = {};
    for (int k = 0; k < kAtOnce; ++k) {
      const std::int64_t slice = first + k * lanes;
      if (slice < slices) values[k] = parts[slice * columns + column];
    }
    for (const C value : values) sum += value;
  }
  sums[lane][across] = sum;
  for (int half = lanes / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane < half) sums[lane][across] += sums[lane + half][across];
  }
  if (lane == 0 && column < columns) to[column] = static_cast<T>(sums[0][across]);
}

template <class T, class C>
Status add_slices(T* to, const C* parts, std::int64_t slices, std::int64_t columns) {
  const auto wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(1, slices / 4));
  const auto lanes =
      static_cast<int>(std::min<std::uint64_t>(kMostSliceLanes, std::bit_floor(wanted)));
  return launch(add_slices_kernel<T, C>, (columns + kSliceColumns - 1) / kSliceColumns,
                kSliceColumns * lanes, to, parts, slices, columns);
}

}  // namespace banach::cuda
