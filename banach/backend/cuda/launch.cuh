#pragma once

// How kernels are started, and what they share. Kernels loop over their elements with a stride of
// the whole grid, so any number of blocks is right.

#include <banach/backend/cuda/stream.hpp>
#include <banach/core/host_device.hpp>

#include <algorithm>
#include <cuda_runtime.h>
#include <type_traits>

namespace banach::cuda {

inline constexpr int kThreads = 256;  // of a block

/// Blocks for n elements, one a thread, but no more than keep a large GPU busy.
inline std::int64_t blocks_for(std::int64_t n) {
  constexpr std::int64_t kMost = 2048;
  return std::min((n + kThreads - 1) / kThreads, kMost);
}

/// Puts a kernel into the current stream, unless there is nothing to do. Its status.
template <class... Parameters, class... Arguments>
Status launch(void (*kernel)(Parameters...), std::int64_t blocks, int threads,
              Arguments... arguments) {
  if (blocks == 0) return 0;
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(static_cast<unsigned>(blocks));
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.stream = current_stream();
  return cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...);
}

/// The same for n independent elements.
template <class... Parameters, class... Arguments>
Status launch_elements(void (*kernel)(Parameters...), std::int64_t n, Arguments... arguments) {
  return launch(kernel, blocks_for(n), kThreads, arguments...);
}

/// What values of T are computed in.
template <class T>
using Computed = std::conditional_t<std::is_same_v<T, double>, double, float>;

/// a / b and a % b of what is not negative: in 32 bits, which is several times faster, where both
/// have no more.
BANACH_HOST_DEVICE inline std::int64_t quotient(std::int64_t a, std::int64_t b) {
  return ((a | b) >> 32) == 0 ? static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b)
                              : a / b;
}
BANACH_HOST_DEVICE inline std::int64_t remainder(std::int64_t a, std::int64_t b) {
  return a - quotient(a, b) * b;
}

/// Position of this thread in the grid, and the number of its threads.
__device__ inline std::int64_t first_element() {
  return std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
}
__device__ inline std::int64_t element_stride() { return std::int64_t{gridDim.x} * blockDim.x; }

/// Calls store(i, load(i)) for every i < n, spread over the grid. Every thread has several loads
/// under way at once, without which memory is not kept busy; load(i) must not see what is stored
/// for another element.
template <class Load, class Store>
__device__ void for_each_element(std::int64_t n, Load load, Store store) {
  constexpr int kAtOnce = 4;
  const std::int64_t stride = element_stride();
  for (std::int64_t first = first_element(); first < n; first += kAtOnce * stride) {
    decltype(load(first)) values[kAtOnce] = {};
    for (int k = 0; k < kAtOnce; ++k) {
      if (first + k * stride < n) values[k] = load(first + k * stride);
    }
    for (int k = 0; k < kAtOnce; ++k) {
      if (first + k * stride < n) store(first + k * stride, values[k]);
    }
  }
}

/// Sum over the threads of a block, in a fixed order; every thread gets it. `Combine` is a function
/// object: Sum or Max below. All threads of the block must call it.
template <class T, class Combine>
__device__ T block_reduce(T value, Combine combine) {
  __shared__ T parts[kThreads];
  const unsigned t = threadIdx.x;
  __syncthreads();  // the last use of `parts` is over
  parts[t] = value;
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (t < half && t + half < blockDim.x) parts[t] = combine(parts[t], parts[t + half]);
  }
  __syncthreads();
  return parts[0];
}

struct Sum {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};
struct Max {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a > b ? a : b;
  }
};

}  // namespace banach::cuda
