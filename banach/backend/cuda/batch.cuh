#pragma once

// Arrays that one launch takes together, cut into parts for its blocks.

#include <banach/backend/cuda/launch.cuh>

#include <cstddef>
#include <vector>

namespace banach::cuda {

inline constexpr std::int64_t kPart = 4 * kThreads;  // elements that a block takes at a time

/// Some arrays, each a View with a `size`. It is a parameter of a kernel: pointers in device memory
/// could not be written while a graph is captured. Array i has the parts [first_part[i],
/// first_part[i + 1]).
template <class View>
struct Batch {
  static constexpr std::size_t kParameterBytes = 4096 - 512;  // CUDA's limit, less the others
  static constexpr std::size_t kMost =
      (kParameterBytes - 2 * sizeof(std::int64_t)) / (sizeof(View) + sizeof(std::int64_t));

  void add(const View& view) {
    views[count] = view;
    first_part[count + 1] = first_part[count] + (view.size + kPart - 1) / kPart;
    ++count;
  }
  BANACH_HOST_DEVICE std::int64_t parts() const { return first_part[count]; }
  /// The array that a part belongs to.
  BANACH_HOST_DEVICE int find(std::int64_t part) const {
    int low = 0, high = count - 1;
    while (low < high) {
      const int middle = (low + high) / 2;
      if (part < first_part[middle + 1]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  View views[kMost];
  std::int64_t first_part[kMost + 1];
  int count;
};

/// All of them in as few batches as will do.
template <class View>
std::vector<Batch<View>> make_batches(const std::vector<View>& all) {
  std::vector<Batch<View>> batches;
  for (const View& view : all) {
    if (batches.empty() || batches.back().count == static_cast<int>(Batch<View>::kMost)) {
      batches.push_back({});
    }
    batches.back().add(view);
  }
  return batches;
}

/// Starts kernel(batch, arguments...) for each of them.
template <class View, class... Parameters, class... Arguments>
Status launch_batches(void (*kernel)(const Batch<View>, Parameters...),
                      const std::vector<Batch<View>>& batches, Arguments... arguments) {
  constexpr std::int64_t kMostBlocks = 2048;
  for (const Batch<View>& batch : batches) {
    const Status status =
        launch(kernel, std::min(batch.parts(), kMostBlocks), kThreads, batch, arguments...);
    if (status != 0) return status;
  }
  return 0;
}

/// body(view, begin, end) for the parts of a batch that are this block's.
template <class View, class Body>
__device__ void for_each_part(const Batch<View>& batch, const Body& body) {
  for (std::int64_t part = blockIdx.x; part < batch.parts(); part += gridDim.x) {
    const int i = batch.find(part);
    const std::int64_t begin = (part - batch.first_part[i]) * kPart;
    const std::int64_t size = batch.views[i].size;
    body(batch.views[i], begin, begin + kPart < size ? begin + kPart : size);
  }
}

}  // namespace banach::cuda
