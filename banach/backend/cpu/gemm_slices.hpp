#pragma once

#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>

#include <algorithm>

namespace banach::cpu {

/// A long sum of a small result, cut by the shape alone into slices that are added in order: each
/// part of what is summed is read by one thread, and no thread has to wait for another long.
class SumSlices {
 public:
  /// `steps` are those of the sum: k, or k in pairs.
  SumSlices(const GemmShape& s, std::int64_t steps)
      : count_(choose_count(s)),
        floats_(ceil_div(s.m * s.n, kLine) * kLine),
        steps_(steps),
        lines_(ceil_div(steps, kLine), count_) {}

  std::int64_t count() const { return count_; }  ///< 1: not cut
  /// Steps of a slice; none is longer than the first.
  Range operator[](std::int64_t slice) const {
    const Range lines = lines_[slice];
    return {lines.begin * kLine, std::min(lines.end * kLine, steps_)};
  }
  std::int64_t floats() const { return floats_; }  ///< of a slice's result
  /// Blocks of the result that make enough items for so many threads to share.
  int blocks(int threads) const { return static_cast<int>(ceil_div(4 * threads, count_)); }

 private:
  static constexpr std::int64_t kLine = 16;  // floats or pairs of a cache's line

  static std::int64_t choose_count(const GemmShape& s) {
    constexpr std::int64_t kLeastDepth = 1024, kLeastSlices = 4, kMostSlices = 8;
    constexpr std::int64_t kMostFloats = 1 << 17, kLeastWork = 8 * kSerialWork;
    const std::int64_t slices = std::min(s.k / kLeastDepth, kMostSlices);
    const bool pays = s.m * s.n <= kMostFloats && s.m * s.n * s.k >= kLeastWork;
    return pays && slices >= kLeastSlices ? slices : 1;
  }

  std::int64_t count_, floats_, steps_;
  EvenParts lines_;
};

/// c[i] += what the slices after the first have there.
inline void add_slices(float* c, const float* others, const SumSlices& slices, std::int64_t begin,
                       std::int64_t end) {
  for (std::int64_t slice = 1; slice < slices.count(); ++slice, others += slices.floats()) {
    for (std::int64_t i = begin; i < end; ++i) c[i] += others[i];
  }
}

}  // namespace banach::cpu
