#pragma once

// What the kernels of convolutions share: how pixels, taps of the window and memory belong
// together. All are matrix products over an image that is never unfolded: element (pixel, tap) of
// its matrix is looked up where it is needed.

#include <banach/backend/cuda/convolution.hpp>
#include <banach/backend/cuda/epilogue.cuh>

namespace banach::cuda {

/// Four neighbours that are loaded and stored as one.
template <class T>
struct alignas(4 * sizeof(T)) Run {
  T values[4];
};

/// The image that is read and the pixels that are written: x and y, or dy and dx where the walk
/// goes backwards.
struct ConvWalk {
  int height, width, channels;                // of the image
  int out_height, out_width, out_channels;    // of what is written
  int pixels;                                 // written: batch * out_height * out_width
  int groups, group_channels, group_outputs;  // channels of one group, read and written
  HeightWidth size, strides, dilation, before;
  bool reads_runs, writes_runs;  // whether channels come in aligned runs

  BANACH_HOST_DEVICE int taps() const { return size.height * size.width * group_channels; }
};

inline bool is_run_aligned(const void* memory, std::size_t element) {
  return reinterpret_cast<std::uintptr_t>(memory) % (4 * element) == 0;
}

template <class T>
ConvWalk walk_forwards(const ConvShape& s, const T* x, const T* y) {
  ConvWalk walk{s.height, s.width, s.channels, s.out_height, s.out_width, s.filters};
  walk.pixels = s.batch * s.out_height * s.out_width;
  walk.groups = s.groups;
  walk.group_channels = s.channels / s.groups;
  walk.group_outputs = s.filters / s.groups;
  walk.size = s.size;
  walk.strides = s.strides;
  walk.dilation = s.dilation;
  walk.before = s.before;
  walk.reads_runs = walk.group_channels % 4 == 0 && is_run_aligned(x, sizeof(T));
  walk.writes_runs = walk.group_outputs % 4 == 0 && is_run_aligned(y, sizeof(T));
  return walk;
}

template <class T>
ConvWalk walk_backwards(const ConvShape& s, const T* dy, const T* dx) {
  ConvShape mirrored = s;
  std::swap(mirrored.height, mirrored.out_height);
  std::swap(mirrored.width, mirrored.out_width);
  std::swap(mirrored.channels, mirrored.filters);
  return walk_forwards(mirrored, dy, dx);
}

/// A written pixel, seen from the image: where the window's first tap falls.
struct Pixel {
  std::int64_t offset;  // of its sample, and of the group's first channel
  int row, column;
};

/// A tap of the window and a channel of the group.
struct Tap {
  int row, column, channel;
};

template <bool kBackwards>
__device__ Pixel pixel_at(const ConvWalk& w, int index, int group) {
  constexpr int kOutside = -(1 << 30);  // no tap brings it back into the image
  if (index >= w.pixels) return {0, kOutside, kOutside};
  const int line = index / w.out_width, sample = line / w.out_height;
  const int row = line - sample * w.out_height, column = index - line * w.out_width;
  const std::int64_t offset = std::int64_t{sample} * w.height * w.width * w.channels +
                              std::int64_t{group} * w.group_channels;
  if (kBackwards) return {offset, row + w.before.height, column + w.before.width};
  return {offset, row * w.strides.height - w.before.height,
          column * w.strides.width - w.before.width};
}

/// Taps count channels first, then columns, then rows, as a kernel's weights do.
__device__ inline Tap tap_at(const ConvWalk& w, int index) {
  const int window = index / w.group_channels, row = window / w.size.width;
  return {row * w.dilation.height, (window - row * w.size.width) * w.dilation.width,
          index - window * w.group_channels};
}

__device__ inline void next(const ConvWalk& w, Tap& tap) {
  if (++tap.channel < w.group_channels) return;
  tap.channel = 0;
  tap.column += w.dilation.width;
  if (tap.column < w.size.width * w.dilation.width) return;
  tap.column = 0;
  tap.row += w.dilation.height;
}

/// Whether a tap falls on a position of the image: backwards, on every stride-th.
template <bool kBackwards>
__device__ bool find(int origin, int tap, int stride, int limit, int& position) {
  position = kBackwards ? origin - tap : origin + tap;
  if (kBackwards && stride > 1) {
    if (position % stride != 0) return false;
    position /= stride;
  }
  return position >= 0 && position < limit;
}

/// Where in the image a tap of a pixel is; -1 outside.
template <bool kBackwards>
__device__ std::int64_t find(const ConvWalk& w, const Pixel& pixel, const Tap& tap) {
  int row = 0, column = 0;
  const bool inside =
      find<kBackwards>(pixel.row, tap.row, w.strides.height, w.height, row) &&
      find<kBackwards>(pixel.column, tap.column, w.strides.width, w.width, column) &&
      tap.row < w.size.height * w.dilation.height;
  if (!inside) return -1;
  return pixel.offset + (std::int64_t{row} * w.width + column) * w.channels + tap.channel;
}

/// Four taps of a pixel, 0 outside; `tap` goes on to the next four.
template <bool kBackwards, class T>
__device__ Run<Computed<T>> load_taps(const T* image, const ConvWalk& w, const Pixel& pixel,
                                      Tap& tap) {
  Run<Computed<T>> run = {};
  if (w.reads_runs) {
    const std::int64_t at = find<kBackwards>(w, pixel, tap);
    if (at >= 0) {
      const auto found = *reinterpret_cast<const Run<T>*>(image + at);
      for (int i = 0; i < 4; ++i) run.values[i] = found.values[i];
    }
    tap.channel += 3;
    next(w, tap);
    return run;
  }
  for (int i = 0; i < 4; ++i) {
    const std::int64_t at = find<kBackwards>(w, pixel, tap);
    if (at >= 0) run.values[i] = image[at];
    next(w, tap);
  }
  return run;
}

/// f(0), ..., f(kCount - 1): no loop, so what they index stays in registers.
template <int kCount, class F>
__device__ void unroll(const F& f) {
  if constexpr (kCount > 0) {
    unroll<kCount - 1>(f);
    f(kCount - 1);
  }
}

/// products[i][j] += a[i] b[j].
template <int kRuns, class S>
__device__ void add_products(Run<S> (&sums)[4 * kRuns], const Run<S>* a, const Run<S>& b) {
  for (int i = 0; i < 4 * kRuns; ++i) {
    for (int j = 0; j < 4; ++j) sums[i].values[j] += a[i / 4].values[i % 4] * b.values[j];
  }
}

}  // namespace banach::cuda
