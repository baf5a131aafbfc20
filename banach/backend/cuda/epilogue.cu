#include <banach/backend/cuda/dropout.cuh>
#include <banach/backend/cuda/epilogue.cuh>
#include <banach/backend/cuda/slices.cuh>

namespace banach::cuda {
namespace {

template <class T, class Bias, class C>
__device__ C biased(const T* z, const Bias* bias, std::int64_t i, std::int64_t columns) {
  const C x = static_cast<C>(z[i]);
  return bias == nullptr ? x : x + static_cast<C>(bias[remainder(i, columns)]);
}

template <class F, class T, class Bias, class C>
__global__ void epilogue_kernel(T* z, const Bias* bias, std::int64_t n, std::int64_t columns,
                                Numbers<C> e) {
  for_each_element(
      n, [&](std::int64_t i) { return biased<T, Bias, C>(z, bias, i, columns); },
      [&](std::int64_t i, C x) { z[i] = static_cast<T>(F::forward(x, e.alpha, e.scale)); });
}

// Each thread makes one block of random bits and treats kCount of its elements; `n` is the number
// of threads wanted.
template <int kCount, class F, class T, class Bias, class C>
__global__ void epilogue_dropout_kernel(T* z, const Bias* bias, std::int64_t n,
                                        std::int64_t blocks_per_sample,
                                        std::int64_t elements_per_sample, std::int64_t columns,
                                        Numbers<C> e) {
  for (std::int64_t i = first_element(); i < n; i += element_stride()) {
    const DropoutPlace at = dropout_place<kCount>(i, blocks_per_sample);
    const std::int64_t begin = at.row * elements_per_sample;
    C x[kCount] = {};
    for (int k = 0; k < kCount; ++k) {
      const std::int64_t element = at.element + kDropoutBlocks * k;
      if (element < elements_per_sample) {
        x[k] = biased<T, Bias, C>(z, bias, begin + element, columns);
      }
    }
    const Philox::Counter bits = dropout_block(e.key, *e.step, at.row, at.block);
    for (int k = 0; k < kCount; ++k) {
      const std::int64_t element = at.element + kDropoutBlocks * k;
      if (element >= elements_per_sample) break;
      const C y = e.a * F::forward(x[k], e.alpha, e.scale) + e.b;
      z[begin + element] = static_cast<T>(dropout_slot(bits, at.slot + k) < e.threshold ? e.c : y);
    }
  }
}

// Sum over the threads t, t + width, t + 2 width, ... of a block, in a fixed order. The first
// `width` threads, a power of two, get it.
template <class C>
__device__ C sum_of_lanes(C value, int width) {
  __shared__ C parts[kThreads];
  const int t = static_cast<int>(threadIdx.x);
  __syncthreads();  // the last use of `parts` is over
  parts[t] = value;
  __syncthreads();
  for (int half = kThreads / 2; half >= width; half /= 2) {
    if (t < half) parts[t] += parts[t + half];
    __syncthreads();
  }
  return parts[t];
}

template <class F, bool kDropout, class T, class C>
__device__ C gradient(C dz, C z, const Numbers<C>& e) {
  if constexpr (!kDropout) {
    return dz * F::slope(z, e.alpha, e.scale);
  } else {
    const C dropped = static_cast<C>(static_cast<T>(e.c));  // as it was stored
    return z == dropped ? C(0) : dz * e.a * F::slope((z - e.b) / e.a, e.alpha, e.scale);
  }
}

// How columns and rows are cut into blocks, by the shape alone. A block has kThreads / width lanes
// of rows for `width` columns; each slice of the rows has sums of its own. Few rows are spread over
// more lanes: there is too little of them to keep a GPU busy otherwise.
struct Cut {
  Cut(std::int64_t rows, std::int64_t columns) {
    constexpr std::int64_t kFewRows = 512;
    const int most_width = rows <= kFewRows ? kMostWidth / 4 : kMostWidth;
    while (width < most_width && width < columns) width *= 2;
    column_blocks = (columns + width - 1) / width;
    constexpr std::int64_t kBlocks = 1024, kMostSlices = 512, kRowsOfLane = 16;
    const std::int64_t lanes = kThreads / width;
    const std::int64_t most = std::min(
        kMostSlices, std::max<std::int64_t>(1, kBlocks / std::max<std::int64_t>(1, column_blocks)));
    const std::int64_t least_rows = lanes * kRowsOfLane;
    const std::int64_t wanted = std::clamp<std::int64_t>(rows / least_rows, 1, most);
    rows_of_slice = std::max<std::int64_t>(1, (rows + wanted - 1) / wanted);
    slices = std::max<std::int64_t>(1, (rows + rows_of_slice - 1) / rows_of_slice);
  }

  static constexpr int kMostWidth = 32;
  int width = 1;
  std::int64_t column_blocks = 0, rows_of_slice = 0, slices = 0;
};

constexpr int kUnrolled = 4;  // rows whose loads are under way at once

// dx of a slice of the rows, and the sums of its columns: row blockIdx.x / column_blocks of `sums`.
template <class F, bool kDropout, class T, class S, class C>
__global__ void epilogue_grad_kernel(T* dx, S* sums, const T* dz, const T* z, std::int64_t rows,
                                     std::int64_t columns, Cut cut, Numbers<C> e) {
  const int t = static_cast<int>(threadIdx.x), lanes = kThreads / cut.width;
  const std::int64_t slice = blockIdx.x / cut.column_blocks;
  const std::int64_t column = blockIdx.x % cut.column_blocks * cut.width + t % cut.width;
  const std::int64_t begin = slice * cut.rows_of_slice;
  const std::int64_t end = begin + cut.rows_of_slice < rows ? begin + cut.rows_of_slice : rows;
  C sum = 0;
  if (column < columns) {
    for (std::int64_t row = begin + t / cut.width; row < end; row += kUnrolled * lanes) {
      C known[kUnrolled] = {}, dy[kUnrolled] = {};
      for (int k = 0; k < kUnrolled; ++k) {
        if (row + k * lanes >= end) break;
        const std::int64_t i = (row + k * lanes) * columns + column;
        known[k] = static_cast<C>(z[i]);
        dy[k] = static_cast<C>(dz[i]);
      }
      for (int k = 0; k < kUnrolled; ++k) {
        if (row + k * lanes >= end) break;
        const C g = gradient<F, kDropout, T>(dy[k], known[k], e);
        dx[(row + k * lanes) * columns + column] = static_cast<T>(g);
        sum += g;
      }
    }
  }
  sum = sum_of_lanes(sum, cut.width);
  if (t < cut.width && column < columns) sums[slice * columns + column] = static_cast<S>(sum);
}

}  // namespace

template <class Bias, class T>
Status apply_epilogue(T* z, std::int64_t rows, std::int64_t columns,
                      const EpilogueArguments& epilogue) {
  using C = Computed<T>;
  const std::int64_t size = rows * columns;
  if (size == 0) return 0;
  const Numbers<C> numbers(epilogue);
  const auto* bias = reinterpret_cast<const Bias*>(epilogue.bias);
  Status status = 0;
  with_activation(epilogue.activation, [&]<class F>() {
    if (!epilogue.dropout) {
      status =
          launch_elements(epilogue_kernel<F, T, Bias, C>, size, z, bias, size, columns, numbers);
      return;
    }
    const std::int64_t elements = epilogue.rows_per_sample * columns;
    const std::int64_t blocks = dropout_blocks(elements);
    status = launch_dropout(size / elements * blocks, [&]<int kCount>(std::int64_t n) {
      return launch_elements(epilogue_dropout_kernel<kCount, F, T, Bias, C>, n, z, bias, n, blocks,
                             elements, columns, numbers);
    });
  });
  return status;
}

std::size_t epilogue_grad_scratch_bytes(std::int64_t rows, std::int64_t columns) {
  const Cut cut(rows, columns);
  return cut.slices == 1 ? 0 : static_cast<std::size_t>(cut.slices * columns) * sizeof(double);
}

template <class T>
Status epilogue_grad(T* dx, T* dbias, const T* dz, const T* z, std::int64_t rows,
                     std::int64_t columns, const EpilogueArguments& epilogue, std::byte* scratch) {
  using C = Computed<T>;
  const Cut cut(rows, columns);
  const Numbers<C> numbers(epilogue);
  auto* sums = reinterpret_cast<C*>(scratch);
  Status status = 0;
  const auto start = [&]<class F, bool kDropout>() {
    const std::int64_t blocks = cut.column_blocks * cut.slices;
    status = cut.slices == 1 ? launch(epilogue_grad_kernel<F, kDropout, T, T, C>, blocks, kThreads,
                                      dx, dbias, dz, z, rows, columns, cut, numbers)
                             : launch(epilogue_grad_kernel<F, kDropout, T, C, C>, blocks, kThreads,
                                      dx, sums, dz, z, rows, columns, cut, numbers);
  };
  with_activation(epilogue.activation, [&]<class F>() {
    if (epilogue.dropout) {
      start.template operator()<F, true>();
    } else {
      start.template operator()<F, false>();
    }
  });
  if (status != 0 || cut.slices == 1) return status;
  return add_slices(dbias, sums, cut.slices, columns);
}

template Status apply_epilogue<float>(float*, std::int64_t, std::int64_t, const EpilogueArguments&);
template Status apply_epilogue<double>(double*, std::int64_t, std::int64_t,
                                       const EpilogueArguments&);
template Status apply_epilogue<BFloat16>(BFloat16*, std::int64_t, std::int64_t,
                                         const EpilogueArguments&);
template Status apply_epilogue<Float16>(Float16*, std::int64_t, std::int64_t,
                                        const EpilogueArguments&);
template Status apply_epilogue<BFloat16>(float*, std::int64_t, std::int64_t,
                                         const EpilogueArguments&);
template Status apply_epilogue<Float16>(float*, std::int64_t, std::int64_t,
                                        const EpilogueArguments&);
template Status epilogue_grad(float*, float*, const float*, const float*, std::int64_t,
                              std::int64_t, const EpilogueArguments&, std::byte*);
template Status epilogue_grad(double*, double*, const double*, const double*, std::int64_t,
                              std::int64_t, const EpilogueArguments&, std::byte*);
template Status epilogue_grad(BFloat16*, BFloat16*, const BFloat16*, const BFloat16*, std::int64_t,
                              std::int64_t, const EpilogueArguments&, std::byte*);
template Status epilogue_grad(Float16*, Float16*, const Float16*, const Float16*, std::int64_t,
                              std::int64_t, const EpilogueArguments&, std::byte*);

}  // namespace banach::cuda
