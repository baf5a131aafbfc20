#include <banach/backend/cuda/convolution_tiles.cuh>

namespace banach::cuda {
namespace {

constexpr int kMostFilters = 64;  // tiles hold whole pixels, so their elements lie side by side

// What a block stores: elements first to first + count of y, `sums` before the epilogue.
struct Stretch {
  std::int64_t first;
  int count, columns;
};

template <int kColumns, class S>
__device__ void collect(S* tile, const Run<S> (&sums)[Share<kColumns>::kRows], int columns) {
  const Share<kColumns> share;
  for (int i = 0; i < Share<kColumns>::kRows; ++i) {
    for (int j = 0; j < 4 && share.column + j < columns; ++j) {
      tile[(share.row + i) * columns + share.column + j] = sums[i].values[j];
    }
  }
  __syncthreads();
}

// The column of elements that are `step` apart, without a division for each.
struct Column {
  __device__ Column(std::int64_t first, int step, int columns)
      : at(static_cast<int>(remainder(first, columns))), step(step % columns), columns(columns) {}
  __device__ void advance() {
    at += step;
    if (at >= columns) at -= columns;
  }
  int at, step, columns;
};

template <class T>
__device__ float biased(float sum, const T* bias, const Column& column) {
  return bias == nullptr ? sum : sum + static_cast<float>(bias[column.at]);
}

template <class F, class T>
__device__ void finish(T* y, const float* sums, const Stretch& stretch, const T* bias,
                       const Numbers<float>& e) {
  Column column(threadIdx.x, kThreads, stretch.columns);
  for (int i = static_cast<int>(threadIdx.x); i < stretch.count; i += kThreads) {
    const float x = biased(sums[i], bias, column);
    y[stretch.first + i] = static_cast<T>(F::forward(x, e.alpha, e.scale));
    column.advance();
  }
}

// The part of a stretch that belongs to one sample. Each thread makes a block of random bits.
template <class F, class T>
__device__ void finish_sample(T* y, const float* sums, const Stretch& stretch, const T* bias,
                              const Numbers<float>& e, std::int64_t sample, std::int64_t size) {
  const std::int64_t offset = stretch.first - sample * size;  // of the stretch in the sample
  const std::int64_t begin = offset > 0 ? offset : 0;
  const std::int64_t end = offset + stretch.count < size ? offset + stretch.count : size;
  const std::int64_t base = begin / 128 * 128;  // elements are counted from here
  const int from = static_cast<int>(begin - base), to = static_cast<int>(end - base);
  const int shift = static_cast<int>(base - offset);
  const int base_column = static_cast<int>(remainder(base, stretch.columns));
  const std::int64_t step = *e.step;
  for (int block = static_cast<int>(threadIdx.x); block < (to + 127) / 128 * 16;
       block += kThreads) {
    const Philox::Counter bits = dropout_block(e.key, step, sample, base / 8 + block);
    int element = block / 16 * 128 + block % 16;
    Column column(base_column + element, 16, stretch.columns);
    for (int slot = 0; slot < kDropoutSlots; ++slot) {
      if (element >= from && element < to) {
        const int i = element + shift;
        const float x = biased(sums[i], bias, column);
        const float kept = e.a * F::forward(x, e.alpha, e.scale) + e.b;
        y[stretch.first + i] = static_cast<T>(dropout_slot(bits, slot) < e.threshold ? e.c : kept);
      }
      element += 16;
      column.advance();
    }
  }
}

template <class F, int kColumns, class T>
__global__ void convolve_fused_kernel(T* y, const T* x, const T* w, const T* bias, ConvWalk walk,
                                      Numbers<float> e, bool dropout) {
  __shared__ float tile[kPixels * kColumns];
  const Block block = block_at(walk, kColumns);
  Run<float> sums[Share<kColumns>::kRows] = {};
  sum_products<false, kColumns>(sums, x, w, walk, block);
  collect<kColumns>(tile, sums, walk.out_channels);
  const int left = walk.pixels - block.pixel, columns = walk.out_channels;
  const Stretch stretch{std::int64_t{block.pixel} * columns,
                        (left < kPixels ? left : kPixels) * columns, columns};
  if (!dropout) return finish<F>(y, tile, stretch, bias, e);
  const std::int64_t size = std::int64_t{walk.out_height} * walk.out_width * columns;
  for (std::int64_t sample = stretch.first / size; sample * size < stretch.first + stretch.count;
       ++sample) {
    finish_sample<F>(y, tile, stretch, bias, e, sample, size);
  }
}

template <int kColumns, class T>
Status launch_fused(T* y, const T* x, const T* w, const ConvWalk& walk,
                    const EpilogueArguments& epilogue) {
  Status status = 0;
  with_activation(epilogue.activation, [&]<class F>() {
    status = launch(convolve_fused_kernel<F, kColumns, T>,
                    (std::int64_t{walk.pixels} + kPixels - 1) / kPixels, kThreads, y, x, w,
                    reinterpret_cast<const T*>(epilogue.bias), walk, Numbers<float>(epilogue),
                    epilogue.dropout);
  });
  return status;
}

}  // namespace

bool fuses_epilogue(const ConvShape& shape, const EpilogueArguments& epilogue) {
  return !is_empty(epilogue) && shape.groups == 1 && shape.filters <= kMostFilters;
}

template <class T>
Status fused_conv_forward(T* y, const T* x, const T* w, const ConvShape& shape,
                          const EpilogueArguments& epilogue) {
  const ConvWalk walk = walk_forwards(shape, x, y);
  return shape.filters <= 32 ? launch_fused<32>(y, x, w, walk, epilogue)
                             : launch_fused<64>(y, x, w, walk, epilogue);
}

template Status fused_conv_forward(float*, const float*, const float*, const ConvShape&,
                                   const EpilogueArguments&);
template Status fused_conv_forward(BFloat16*, const BFloat16*, const BFloat16*, const ConvShape&,
                                   const EpilogueArguments&);
template Status fused_conv_forward(Float16*, const Float16*, const Float16*, const ConvShape&,
                                   const EpilogueArguments&);

}  // namespace banach::cuda
