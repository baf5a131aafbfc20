#include <banach/backend/cuda/convolution.cuh>

namespace banach::cuda {
namespace {

// A block of the product: kPixels pixels by kColumns channels of the result, kDepth taps a step.
constexpr int kPixels = 128, kDepth = 16;

struct Block {
  int group, pixel, column;  // first ones
};

__device__ Block block_at(const Walk& w, int columns) {
  const int across = (w.group_outputs + columns - 1) / columns;
  const int index = static_cast<int>(blockIdx.x), rest = index / across;
  return {rest % w.groups, rest / w.groups * kPixels, index % across * columns};
}

// A thread's part of the image's matrix: half a step's taps of one pixel.
template <bool kBackwards, class T>
struct ImagePart {
  using S = Accumulator<T>;
  static constexpr int kRuns = kPixels * kDepth / kThreads / 4;

  __device__ ImagePart(const Walk& w, const Block& block)
      : slot(static_cast<int>(threadIdx.x) % kPixels),
        first(static_cast<int>(threadIdx.x) / kPixels * 4 * kRuns),
        pixel(pixel_at<kBackwards>(w, block.pixel + slot, block.group)) {}

  __device__ void load(const T* image, const Walk& w, int step) {
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
  using S = Accumulator<T>;
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

  __device__ static std::int64_t offset(const Walk& w, int group, int tap, int column) {
    if (!kBackwards) {
      return std::int64_t{tap} * w.out_channels + group * w.group_outputs + column;
    }
    const int window = tap / w.group_channels, filter = tap - window * w.group_channels;
    return (std::int64_t{window} * w.group_outputs + column) * w.channels +
           group * w.group_channels + filter;
  }

  __device__ void load(const T* weights, const Walk& w, const Block& block, int step) {
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

template <class T>
__device__ void store_run(T* y, const Walk& w, int pixel, int group, int column,
                          const Run<Accumulator<T>>& sums) {
  T* to = y + std::int64_t{pixel} * w.out_channels + group * w.group_outputs + column;
  if (w.writes_runs) {
    Run<T> run;
    for (int j = 0; j < 4; ++j) run.values[j] = static_cast<T>(sums.values[j]);
    *reinterpret_cast<Run<T>*>(to) = run;
    return;
  }
  for (int j = 0; j < 4 && column + j < w.group_outputs; ++j) {
    to[j] = static_cast<T>(sums.values[j]);
  }
}

// Each thread sums kRows pixels by four columns, and fetches the next step's part meanwhile.
template <bool kBackwards, int kColumns, class T>
__global__ void convolve_kernel(T* y, const T* image, const T* weights, Walk walk) {
  using S = Accumulator<T>;
  using Weights = WeightPart<kBackwards, T, kColumns>;
  constexpr int kRuns = kPixels * kColumns / 16 / kThreads, kRows = 4 * kRuns;
  __shared__ Run<S> image_tile[kDepth][kPixels / 4];
  __shared__ Run<S> weight_tile[kDepth][Weights::kWidth];
  const Block block = block_at(walk, kColumns);
  const int across = static_cast<int>(threadIdx.x) % (kColumns / 4);
  const int down = static_cast<int>(threadIdx.x) / (kColumns / 4);
  const int taps = walk.taps();
  ImagePart<kBackwards, T> image_part(walk, block);
  Weights weight_part;
  image_part.load(image, walk, 0);
  weight_part.load(weights, walk, block, 0);
  Run<S> sums[kRows] = {};
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
      for (int i = 0; i < kRuns; ++i) pixels[i] = image_tile[k][down * kRuns + i];
      add_products<kRuns>(sums, pixels, weight_tile[k][across]);
    }
  }
  const int column = block.column + across * 4;
  if (column >= walk.group_outputs) return;
  for (int i = 0; i < kRows; ++i) {
    const int pixel = block.pixel + down * kRows + i;
    if (pixel < walk.pixels) store_run(y, walk, pixel, block.group, column, sums[i]);
  }
}

// Groups of few channels, such as depthwise ones, leave tiles empty: a thread per element.
template <bool kBackwards, class T>
__global__ void convolve_small_groups_kernel(T* y, const T* image, const T* weights, Walk walk) {
  using Weights = WeightPart<kBackwards, T, 32>;
  const std::int64_t size = std::int64_t{walk.pixels} * walk.out_channels;
  for (std::int64_t i = first_element(); i < size; i += element_stride()) {
    const int index = static_cast<int>(i / walk.out_channels);
    const int out = static_cast<int>(i - std::int64_t{index} * walk.out_channels);
    const int group = out / walk.group_outputs, column = out - group * walk.group_outputs;
    const Pixel pixel = pixel_at<kBackwards>(walk, index, group);
    Accumulator<T> sum = 0;
    Tap tap = {0, 0, 0};
    for (int k = 0; k < walk.taps(); ++k) {
      const std::int64_t at = find<kBackwards>(walk, pixel, tap);
      if (at >= 0) {
        sum += static_cast<Accumulator<T>>(image[at]) *
               static_cast<Accumulator<T>>(weights[Weights::offset(walk, group, k, column)]);
      }
      next(walk, tap);
    }
    y[i] = static_cast<T>(sum);
  }
}

constexpr int kSide = 32;  // of a square that is transposed in shared memory

template <class T>
__global__ void transpose_kernel(T* to, const T* from, std::int64_t rows, std::int64_t columns,
                                 std::int64_t across) {
  __shared__ float square[kSide][kSide + 1];
  const int t = static_cast<int>(threadIdx.x);
  const std::int64_t row = blockIdx.x / across * kSide, column = blockIdx.x % across * kSide;
  for (int i = t / kSide; i < kSide; i += kThreads / kSide) {
    if (row + i < rows && column + t % kSide < columns) {
      square[i][t % kSide] = from[(row + i) * columns + column + t % kSide];
    }
  }
  __syncthreads();
  for (int i = t / kSide; i < kSide; i += kThreads / kSide) {
    if (column + i < columns && row + t % kSide < rows) {
      to[(column + i) * rows + row + t % kSide] = static_cast<T>(square[t % kSide][i]);
    }
  }
}

template <bool kBackwards, int kColumns, class T>
Status launch_tiles(T* y, const T* image, const T* weights, const Walk& walk) {
  const std::int64_t across = (walk.group_outputs + kColumns - 1) / kColumns;
  const std::int64_t down = (std::int64_t{walk.pixels} + kPixels - 1) / kPixels;
  return launch(convolve_kernel<kBackwards, kColumns, T>, down * walk.groups * across, kThreads, y,
                image, weights, walk);
}

template <bool kBackwards, class T>
Status convolve(T* y, const T* image, const T* weights, const Walk& walk) {
  constexpr int kFew = 16;
  if (walk.groups > 1 && (walk.group_outputs < kFew || walk.group_channels < kFew)) {
    return launch_elements(convolve_small_groups_kernel<kBackwards, T>,
                           std::int64_t{walk.pixels} * walk.out_channels, y, image, weights, walk);
  }
  return walk.group_outputs <= 32 ? launch_tiles<kBackwards, 32>(y, image, weights, walk)
                                  : launch_tiles<kBackwards, 64>(y, image, weights, walk);
}

}  // namespace

template <class T>
Status conv_forward(T* y, const T* x, const T* w, const ConvShape& shape) {
  return convolve<false>(y, x, w, walk_forwards(shape, x, y));
}

template <class T>
Status conv_input_grad(T* dx, const T* dy, const T* w, const ConvShape& shape) {
  return convolve<true>(dx, dy, w, walk_backwards(shape, dy, dx));
}

template <class T>
Status transpose_matrix(T* to, const T* from, std::int64_t rows, std::int64_t columns) {
  const std::int64_t down = (rows + kSide - 1) / kSide, across = (columns + kSide - 1) / kSide;
  return launch(transpose_kernel<T>, down * across, kThreads, to, from, rows, columns, across);
}

template Status conv_forward(float*, const float*, const float*, const ConvShape&);
template Status conv_forward(double*, const double*, const double*, const ConvShape&);
template Status conv_forward(BFloat16*, const BFloat16*, const BFloat16*, const ConvShape&);
template Status conv_input_grad(float*, const float*, const float*, const ConvShape&);
template Status conv_input_grad(double*, const double*, const double*, const ConvShape&);
template Status conv_input_grad(BFloat16*, const BFloat16*, const BFloat16*, const ConvShape&);
template Status transpose_matrix(float*, const float*, std::int64_t, std::int64_t);
template Status transpose_matrix(BFloat16*, const BFloat16*, std::int64_t, std::int64_t);

}  // namespace banach::cuda
