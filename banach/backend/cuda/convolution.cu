#include <banach/backend/cuda/convolution_tiles.cuh>

namespace banach::cuda {
namespace {

template <class T>
__device__ void store_run(T* y, const ConvWalk& w, int pixel, int group, int column,
                          const Run<Computed<T>>& sums) {
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

template <bool kBackwards, int kColumns, class T>
__global__ void convolve_kernel(T* y, const T* image, const T* weights, ConvWalk walk) {
  const Block block = block_at(walk, kColumns);
  const Share<kColumns> share;
  Run<Computed<T>> sums[Share<kColumns>::kRows] = {};
  sum_products<kBackwards, kColumns>(sums, image, weights, walk, block);
  const int column = block.column + share.column;
  if (column >= walk.group_outputs) return;
  for (int i = 0; i < Share<kColumns>::kRows; ++i) {
    const int pixel = block.pixel + share.row + i;
    if (pixel < walk.pixels) store_run(y, walk, pixel, block.group, column, sums[i]);
  }
}

// Groups of few channels, such as depthwise ones, leave tiles empty: a thread per element.
template <bool kBackwards, class T>
__global__ void convolve_small_groups_kernel(T* y, const T* image, const T* weights,
                                             ConvWalk walk) {
  using Weights = WeightPart<kBackwards, T, 32>;
  const std::int64_t size = std::int64_t{walk.pixels} * walk.out_channels;
  for (std::int64_t i = first_element(); i < size; i += element_stride()) {
    const int index = static_cast<int>(i / walk.out_channels);
    const int out = static_cast<int>(i - std::int64_t{index} * walk.out_channels);
    const int group = out / walk.group_outputs, column = out - group * walk.group_outputs;
    const Pixel pixel = pixel_at<kBackwards>(walk, index, group);
    Computed<T> sum = 0;
    Tap tap = {0, 0, 0};
    for (int k = 0; k < walk.taps(); ++k) {
      const std::int64_t at = find<kBackwards>(walk, pixel, tap);
      if (at >= 0) {
        sum += static_cast<Computed<T>>(image[at]) *
               static_cast<Computed<T>>(weights[Weights::offset(walk, group, k, column)]);
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
  __shared__ T square[kSide][kSide + 1];
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
      to[(column + i) * rows + row + t % kSide] = square[t % kSide][i];
    }
  }
}

template <bool kBackwards, int kColumns, class T>
Status launch_tiles(T* y, const T* image, const T* weights, const ConvWalk& walk) {
  const std::int64_t across = (walk.group_outputs + kColumns - 1) / kColumns;
  const std::int64_t down = (std::int64_t{walk.pixels} + kPixels - 1) / kPixels;
  return launch(convolve_kernel<kBackwards, kColumns, T>, down * walk.groups * across, kThreads, y,
                image, weights, walk);
}

template <bool kBackwards, class T>
Status convolve(T* y, const T* image, const T* weights, const ConvWalk& walk) {
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
Status conv_forward(T* y, const T* x, const T* w, const ConvShape& shape,
                    const EpilogueArguments& epilogue) {
  if constexpr (!std::is_same_v<T, double>) {
    if (fuses_epilogue(shape, epilogue)) return fused_conv_forward(y, x, w, shape, epilogue);
  }
  const ConvWalk walk = walk_forwards(shape, x, y);
  const Status status = convolve<false>(y, x, w, walk);
  if (status != 0 || is_empty(epilogue)) return status;
  return apply_epilogue<T>(y, walk.pixels, walk.out_channels, epilogue);
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

template Status conv_forward(float*, const float*, const float*, const ConvShape&,
                             const EpilogueArguments&);
template Status conv_forward(double*, const double*, const double*, const ConvShape&,
                             const EpilogueArguments&);
template Status conv_forward(BFloat16*, const BFloat16*, const BFloat16*, const ConvShape&,
                             const EpilogueArguments&);
template Status conv_forward(Float16*, const Float16*, const Float16*, const ConvShape&,
                             const EpilogueArguments&);
template Status conv_input_grad(float*, const float*, const float*, const ConvShape&);
template Status conv_input_grad(double*, const double*, const double*, const ConvShape&);
template Status conv_input_grad(BFloat16*, const BFloat16*, const BFloat16*, const ConvShape&);
template Status conv_input_grad(Float16*, const Float16*, const Float16*, const ConvShape&);
template Status transpose_matrix(std::uint16_t*, const std::uint16_t*, std::int64_t, std::int64_t);
template Status transpose_matrix(std::uint32_t*, const std::uint32_t*, std::int64_t, std::int64_t);

}  // namespace banach::cuda
