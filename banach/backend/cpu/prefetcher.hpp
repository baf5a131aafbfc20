#pragma once

#include <banach/backend/cpu/gemm_tile.hpp>

#include <algorithm>
#include <cstdint>

namespace banach::cpu {

/// `rows` times `width` floats in memory, `step` floats from one row to the next.
struct Region {
  const float* first = nullptr;
  std::int64_t step = 0, rows = 0, width = 0;
};

/// Brings a region into the L2 cache in `steps` steps of about as many lines, while something else
/// is done in between.
class Prefetcher {
 public:
  Prefetcher() = default;
  Prefetcher(const Region& region, std::int64_t steps)
      : row_(region.first),
        line_(region.first),
        step_(region.step),
        width_(ceil_div(region.width, kLine) * kLine),
        left_(region.rows * ceil_div(region.width, kLine)),
        share_(ceil_div(left_, std::max<std::int64_t>(1, steps))) {}

  void next() {
    const std::int64_t count = std::min(share_, left_);
    left_ -= count;
    for (std::int64_t i = 0; i < count; ++i) {
      __builtin_prefetch(line_, 0, 2);
      line_ += kLine;
      if (line_ == row_ + width_) line_ = row_ += step_;
    }
  }

 private:
  static constexpr std::int64_t kLine = 16;  // floats

  const float *row_ = nullptr, *line_ = nullptr;
  std::int64_t step_ = 0, width_ = 0, left_ = 0, share_ = 0;
};

}  // namespace banach::cpu
