#include <banach/backend/cuda/dropout.hpp>
#include <banach/backend/cuda/launch.cuh>
#include <banach/ops/dropout_bits.hpp>

namespace banach::cuda {
namespace {

// DropoutArguments in the type T.
template <class T>
struct Numbers {
  explicit Numbers(const DropoutArguments& k)
      : a(static_cast<T>(k.a)),
        b(static_cast<T>(k.b)),
        c(static_cast<T>(k.c)),
        threshold(k.threshold),
        key(k.key),
        step(k.step) {}

  BANACH_HOST_DEVICE T apply(T x, std::uint32_t bits) const {
    return bits < threshold ? c : a * x + b;
  }

  T a, b, c;
  std::uint32_t threshold;
  std::uint64_t key;
  const std::int64_t* step;
};

constexpr int kSlots = kDropoutSlots, kBlocks = kDropoutBlocks;

// Each thread makes one block of random bits and treats its elements, which are 16 apart.
template <class T>
__global__ void dropout_kernel(T* y, const T* x, std::int64_t rows, std::int64_t columns,
                               std::int64_t blocks_per_row, Numbers<T> k) {
  const std::int64_t step = *k.step;
  for (std::int64_t i = first_element(); i < rows * blocks_per_row; i += element_stride()) {
    const std::int64_t row = i / blocks_per_row, index = i - row * blocks_per_row;
    const std::int64_t first = index / kBlocks * kSlots * kBlocks + index % kBlocks;
    T values[kSlots] = {};
    for (int slot = 0; slot < kSlots; ++slot) {
      const std::int64_t column = first + slot * kBlocks;
      if (column < columns) values[slot] = x[row * columns + column];
    }
    const Philox::Counter bits = dropout_block(k.key, step, row, index);
    for (int slot = 0; slot < kSlots; ++slot) {
      const std::int64_t column = first + slot * kBlocks;
      if (column >= columns) break;
      y[row * columns + column] = k.apply(values[slot], dropout_slot(bits, slot));
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
  constexpr std::int64_t kSuperblock = kSlots * kBlocks;
  const std::int64_t blocks_per_row = (columns + kSuperblock - 1) / kSuperblock * kBlocks;
  return launch_elements(dropout_kernel<T>, rows * blocks_per_row, y, x, rows, columns,
                         blocks_per_row, Numbers<T>(arguments));
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
template Status dropout_noise(float*, const float*, const Walk<1>&, std::int64_t,
                              const DropoutArguments&);
template Status dropout_noise(double*, const double*, const Walk<1>&, std::int64_t,
                              const DropoutArguments&);

}  // namespace banach::cuda
