#pragma once

#include <banach/core/threads.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace banach::cpu {

/// Elements that are worth a thread of their own, some 10 microseconds.
inline constexpr std::int64_t kLightGrain = 1 << 16;  // additions, comparisons
inline constexpr std::int64_t kGrain = 1 << 15;       // exponentials, divisions, random bits

/// Results of more bytes go around the caches, where others would drive out more than they leave: a
/// line that is written as a whole need not be read before. They begin at whole vectors.
inline constexpr std::int64_t kStreamedBytes = std::int64_t{32} << 20;

/// Whether `size` elements at `to`, made from what is at `from`, do.
template <class To>
bool is_streamed(const To* to, const void* from, std::int64_t size) {
  constexpr std::uintptr_t kVectorBytes = 64;
  return size * static_cast<std::int64_t>(sizeof(To)) >= kStreamedBytes && to != from &&
         reinterpret_cast<std::uintptr_t>(to) % kVectorBytes == 0;
}

/// The same for a (rows, columns) matrix that is written row by row.
template <class To>
bool is_streamed(const To* to, const void* from, std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t kVector = 16;
  return columns % kVector == 0 && is_streamed(to, from, rows * columns);
}

/// parallel_for whose parts begin at multiples of `unit`.
template <class Body>
void parallel_ranges(std::int64_t size, std::int64_t unit, std::int64_t grain, const Body& body) {
  parallel_for((size + unit - 1) / unit, std::max<std::int64_t>(1, grain / unit),
               [&](std::int64_t begin, std::int64_t end) {
                 body(begin * unit, std::min(end * unit, size));
               });
}

/// parallel_for over the rows of a (rows, columns) matrix; `grain` counts elements.
template <class Body>
void parallel_rows(std::int64_t rows, std::int64_t columns, std::int64_t grain, const Body& body) {
  parallel_for(rows, std::max<std::int64_t>(1, grain / std::max<std::int64_t>(1, columns)), body);
}

/// How sums over the rows of a (rows, columns) matrix are cut: by the shape, never by the threads.
struct Slices {
  std::int64_t rows = 0, columns = 0, count = 1;

  Slices(std::int64_t rows, std::int64_t columns)
      : rows(rows),
        columns(columns),
        count(std::clamp<std::int64_t>(std::min(rows / 16, rows * columns / 8192), 1, 64)) {}

  std::int64_t begin(std::int64_t slice) const { return rows * slice / count; }
  std::int64_t stride() const { return (columns + 15) / 16 * 16; }  // floats of a slice's sums
  std::size_t scratch_bytes() const {
    return static_cast<std::size_t>(count * stride()) * sizeof(float);
  }

  /// Calls sum(sums, row_begin, row_end) for each slice, then adds the slices' sums in order.
  template <class Sum>
  void run(float* out, std::byte* scratch, std::int64_t grain, const Sum& sum) const {
    float* sums = reinterpret_cast<float*>(scratch);  // (count, stride)
    parallel_rows(count, rows * columns / count, grain, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) sum(sums + i * stride(), begin(i), begin(i + 1));
    });
    std::copy(sums, sums + columns, out);
    for (std::int64_t i = 1; i < count; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) out[j] += sums[i * stride() + j];
    }
  }
};

}  // namespace banach::cpu
