#pragma once

#include <banach/backend/cpu/epilogue.hpp>
#include <banach/core/integers.hpp>
#include <banach/core/threads.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace banach::cpu {

/// A run of the summed index: `length` steps that begin at `offset` from each row's pointer.
struct Segment {
  std::int64_t offset = 0, length = 0;
};

/// Lines side by side that are wanted in the L2 cache.
struct PrefetchRun {
  static constexpr std::int64_t kLine = 16;  // floats

  const float* first;
  std::int64_t lines;

  void fetch(std::int64_t line) const { __builtin_prefetch(first + line * kLine, 0, 2); }
};

/// One register tile: c[r][j] (+)= sum over steps p of a[r][p] b[p][j]. Every row of a has a
/// pointer of its own and the sum runs over segments, so a matrix, its transpose, packed panels and
/// the patches of an image are all read where they lie.
struct TileArguments {
  const float* const* a = nullptr;
  float* const* c = nullptr;
  std::int64_t a_offset = 0, c_offset = 0;  // of all rows
  std::int64_t a_step = 1;                  // floats from one step to the next
  const Segment* segments = nullptr;
  std::int64_t num_segments = 1;
  const float* b = nullptr;
  std::int64_t b_step = 0;
  std::int64_t columns = 0;                // fewer than the tile has at the right edge
  bool accumulate = false;                 // add to what c holds
  std::span<const PrefetchRun> runs = {};  // what prefetching_tile fetches meanwhile
};

/// Multiplications below which a second thread costs more than it brings.
inline constexpr std::int64_t kSerialWork = 200000;

inline bool is_empty(const EpilogueArguments& epilogue) {
  return epilogue.bias == nullptr && epilogue.activation == Activation::linear && !epilogue.dropout;
}

/// Bytes for `count` floats, so that the next array is aligned too.
inline constexpr std::size_t aligned_bytes(std::int64_t count) {
  return static_cast<std::size_t>(ceil_div(count, 16) * 64);
}

using Range = IndexRange;

/// [0, size) cut into `count` ranges whose sizes differ by one at most. Divides only once: a tile
/// can be as short as twenty cycles.
class EvenParts {
 public:
  EvenParts(std::int64_t size, std::int64_t count)
      : base_(size / count), longer_(size % count), count_(count) {}

  std::int64_t count() const { return count_; }
  Range operator[](std::int64_t index) const {
    const std::int64_t begin = index * base_ + std::min(index, longer_);
    return {begin, begin + base_ + (index < longer_ ? 1 : 0)};
  }

 private:
  std::int64_t base_, longer_, count_;  // the first `longer_` ranges have one more
};

/// Hands out aligned arrays of scratch; from a null pointer it only counts their bytes.
class Scratch {
 public:
  explicit Scratch(std::byte* data) : data_(data) {}
  template <class T>
  T* take(std::int64_t count) {
    T* array = data_ == nullptr ? nullptr : reinterpret_cast<T*>(data_ + bytes_);
    bytes_ += (static_cast<std::size_t>(count) * sizeof(T) + 63) / 64 * 64;
    return array;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  std::byte* data_;
  std::size_t bytes_ = 0;
};

}  // namespace banach::cpu
