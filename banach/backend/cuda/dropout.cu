#include <banach/backend/cuda/dropout.cuh>
#include <banach/backend/cuda/dropout.hpp>
#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>

namespace banach::cuda {
namespace {

// DropoutArguments for values of T.
template <class T>
struct Numbers {
  using C = Computed<T>;

  explicit Numbers(const DropoutArguments& k)
      : a(static_cast<C>(k.a)),
        b(static_cast<C>(k.b)),
        c(static_cast<C>(k.c)),
        threshold(k.threshold),
        key(k.key),
        step(k.step) {}

  BANACH_HOST_DEVICE T apply(T x, std::uint32_t bits) const {
    return static_cast<T>(bits < threshold ? c : a * static_cast<C>(x) + b);
  }

  C a, b, c;
  std::uint32_t threshold;
  std::uint64_t key;
  const std::int64_t* step;
};

// Each thread makes one block of random bits and treats kCount of its elements; `n` is the number
// of threads wanted.
template <int kCount, class T>
__global__ void dropout_kernel(T* y, const T* x, std::int64_t n, std::int64_t columns,
                               std::int64_t blocks_per_row, Numbers<T> k) {
  const std::int64_t step = *k.step;
  for (std::int64_t i = first_element(); i < n; i += element_stride()) {
    const DropoutPlace at = dropout_place<kCount>(i, blocks_per_row);
    T values[kCount] = {};
    for (int j = 0; j < kCount; ++j) {
      const std::int64_t column = at.element + j * kDropoutBlocks;
      if (column < columns) values[j] = x[at.row * columns + column];
    }
    const Philox::Counter bits = dropout_block(k.key, step, at.row, at.block);
    for (int j = 0; j < kCount; ++j) {
      const std::int64_t column = at.element + j * kDropoutBlocks;
      if (column >= columns) break;
      y[at.row * columns + column] = k.apply(values[j], dropout_slot(bits, at.slot + j));
    }
  }
}

template <class Index, class T>
__global__ void dropout_noise_kernel(T* y, const T* x, Walk<1> walk, std::int64_t columns,
                                     Numbers<T> k) {
  const std::int64_t step = *k.step;
  for_each_element(
      walk.size, [&](std::int64_t i) { return x[i]; },
      [&](std::int64_t i, T value) {
        std::int64_t at[1];
        walk.locate<Index>(i, at);
        const auto row =
            static_cast<std::int64_t>(static_cast<Index>(at[0]) / static_cast<Index>(columns));
        y[i] = k.apply(value, dropout_bits(k.key, step, row, at[0] - row * columns));
      });
}

}  // namespace

template <class T>
Status dropout(T* y, const T* x, std::int64_t rows, std::int64_t columns,
               const DropoutArguments& arguments) {
  const std::int64_t blocks_per_row = dropout_blocks(columns);
  return launch_dropout(rows * blocks_per_row, [&]<int kCount>(std::int64_t n) {
    return launch_elements(dropout_kernel<kCount, T>, n, y, x, n, columns, blocks_per_row,
                           Numbers<T>(arguments));
  });
}

template <class T>
Status dropout_noise(T* y, const T* x, const Walk<1>& walk, std::int64_t columns,
                     const DropoutArguments& arguments) {
  const auto kernel = walk.is_small() ? dropout_noise_kernel<std::uint32_t, T>
                                      : dropout_noise_kernel<std::uint64_t, T>;
  return launch_elements(kernel, walk.size, y, x, walk, columns, Numbers<T>(arguments));
}

template Status dropout(float*, const float*, std::int64_t, std::int64_t, const DropoutArguments&);
template Status dropout(double*, const double*, std::int64_t, std::int64_t,
                        const DropoutArguments&);
template Status dropout(BFloat16*, const BFloat16*, std::int64_t, std::int64_t,
                        const DropoutArguments&);
template Status dropout(Float16*, const Float16*, std::int64_t, std::int64_t,
                        const DropoutArguments&);
template Status dropout_noise(float*, const float*, const Walk<1>&, std::int64_t,
                              const DropoutArguments&);
template Status dropout_noise(double*, const double*, const Walk<1>&, std::int64_t,
                              const DropoutArguments&);
template Status dropout_noise(BFloat16*, const BFloat16*, const Walk<1>&, std::int64_t,
                              const DropoutArguments&);
template Status dropout_noise(Float16*, const Float16*, const Walk<1>&, std::int64_t,
                              const DropoutArguments&);

}  // namespace banach::cuda
