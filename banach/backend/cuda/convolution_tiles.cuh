#pragma once

// The product of an image's pixels and a convolution's weights in tiles of shared memory.

#include <banach/backend/cuda/convolution.cuh>

namespace banach::cuda {

// A block of the product: kPixels pixels by kColumns channels of the result, kDepth taps a step.
inline constexpr int kPixels = 128, kDepth = 16;

struct Block {
  int group, pixel, column;  // first ones
};

__device__ inline Block block_at(const ConvWalk& w, int columns) {
  const int across = (w.group_outputs + columns - 1) / columns;
  const int index = static_cast<int>(blockIdx.x), rest = index / across;
  return {rest % w.groups, rest / w.groups * kPixels, index % across * columns};
}

// A thread's part of the image's matrix: half a step's taps of one pixel.
template <bool kBackwards, class T>
struct ImagePart {
  using S = Computed<T>;
  static constexpr int kRuns = kPixels * kDepth / kThreads / 4;

  __device__ ImagePart(const ConvWalk& w, const Block& block)
      : slot(static_cast<int>(threadIdx.x) % kPixels),
        first(static_cast<int>(threadIdx.x) / kPixels * 4 * kRuns),
        pixel(pixel_at<kBackwards>(w, block.pixel + slot, block.group)) {}

  __device__ void load(const T* image, const ConvWalk& w, int step) {
    Tap tap = tap_at(w, step + first);
    unroll<kRuns>([&](int i) { runs[i] = load_taps<kBackwards>(image, w, pixel, tap); });
  }
  __device__ void store(Run<S> (&to)[kDepth][kPixels / 4]) const {
    for (int i = 0; i < 4 * kRuns; ++i) {
      to[first + i][slot / 4].values[slot % 4] = runs[i / 4].values[i % 4];
    }
  }

  const int slot, first;
  const Pixel pixel;
  Run<S> runs[kRuns];
};

// A thread's part of the weights' matrix (taps, columns). Forwards its rows lie in memory;
// backwards its columns do, and neighbouring threads take neighbours in those.
template <bool kBackwards, class T, int kColumns>
struct WeightPart {
  using S = Computed<T>;
  static constexpr int kCount = kColumns * kDepth / kThreads;
  static constexpr int kWidth = kColumns / 4 + (kBackwards ? 1 : 0);  // no banks in common

  __device__ static int tap_of(int i) {
    const int index = static_cast<int>(threadIdx.x) + i * kThreads;
    return kBackwards ? index % kDepth : index / kColumns;
  }
  __device__ static int column_of(int i) {
    const int index = static_cast<int>(threadIdx.x) + i * kThreads;
    return kBackwards ? index / kDepth : index % kColumns;
  }

  __device__ static std::int64_t offset(const ConvWalk& w, int group, int tap, int column) {
    if (!kBackwards) {
      return std::int64_t{tap} * w.out_channels + group * w.group_outputs + column;
    }
    const int window = tap / w.group_channels, filter = tap - window * w.group_channels;
    return (std::int64_t{window} * w.group_outputs + column) * w.channels +
           group * w.group_channels + filter;
  }

  __device__ void load(const T* weights, const ConvWalk& w, const Block& block, int step) {
    unroll<kCount>([&](int i) {
      const int tap = step + tap_of(i), column = block.column + column_of(i);
      const bool inside = tap < w.taps() && column < w.group_outputs;
      values[i] = inside ? static_cast<S>(weights[offset(w, block.group, tap, column)]) : S(0);
    });
  }
  __device__ void store(Run<S> (&to)[kDepth][kWidth]) const {
    for (int i = 0; i < kCount; ++i) {
      to[tap_of(i)][column_of(i) / 4].values[column_of(i) % 4] = values[i];
    }
  }

  S values[kCount];
};

/// Where a thread's sums are: four columns of kRows pixels.
template <int kColumns>
struct Share {
  static constexpr int kRuns = kPixels * kColumns / 16 / kThreads, kRows = 4 * kRuns;
  const int row = static_cast<int>(threadIdx.x) / (kColumns / 4) * kRows;
  const int column = static_cast<int>(threadIdx.x) % (kColumns / 4) * 4;
};

/// All taps of a block. Each thread fetches its part of the next step while it sums.
template <bool kBackwards, int kColumns, class T>
__device__ void sum_products(Run<Computed<T>> (&sums)[Share<kColumns>::kRows], const T* image,
                             const T* weights, const ConvWalk& walk, const Block& block) {
  using S = Computed<T>;
  using Weights = WeightPart<kBackwards, T, kColumns>;
  constexpr int kRuns = Share<kColumns>::kRuns;
  __shared__ Run<S> image_tile[kDepth][kPixels / 4];
  __shared__ Run<S> weight_tile[kDepth][Weights::kWidth];
  const Share<kColumns> share;
  const int taps = walk.taps();
  ImagePart<kBackwards, T> image_part(walk, block);
  Weights weight_part;
  image_part.load(image, walk, 0);
  weight_part.load(weights, walk, block, 0);
  for (int step = 0; step < taps; step += kDepth) {
    __syncthreads();
    image_part.store(image_tile);
    weight_part.store(weight_tile);
    __syncthreads();
    if (step + kDepth < taps) {
      image_part.load(image, walk, step + kDepth);
      weight_part.load(weights, walk, block, step + kDepth);
    }
    const int depth = taps - step < kDepth ? taps - step : kDepth;
    for (int k = 0; k < depth; ++k) {
      Run<S> pixels[kRuns];
      for (int i = 0; i < kRuns; ++i) pixels[i] = image_tile[k][share.row / 4 + i];
      add_products<kRuns>(sums, pixels, weight_tile[k][share.column / 4]);
    }
  }
}

}  // namespace banach::cuda
