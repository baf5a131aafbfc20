#pragma once

#include <banach/backend/cpu/gemm_tile.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace banach::cpu {

/// `rows` times `width` floats in memory, `step` floats from one row to the next.
struct Region {
  const float* first = nullptr;
  std::int64_t step = 0, rows = 0, width = 0;
};

/// Lines to fetch while something else is done, at most so many.
class PrefetchRuns {
 public:
  explicit PrefetchRuns(std::int64_t most_lines) : room_(most_lines) {}

  std::span<const PrefetchRun> all() const {
    return {runs_.data(), static_cast<std::size_t>(count_)};
  }
  std::int64_t room() const { return count_ == kMost ? 0 : room_; }  // for lines
  void add(const PrefetchRun& run) {
    runs_[static_cast<std::size_t>(count_++)] = run;
    room_ -= run.lines;
  }
  void fetch() const {
    for (const PrefetchRun& run : all()) {
      for (std::int64_t i = 0; i < run.lines; ++i) run.fetch(i);
    }
  }

 private:
  static constexpr std::int64_t kMost = 32;

  std::array<PrefetchRun, kMost> runs_;  // the first count_ are set
  std::int64_t count_ = 0, room_;
};

/// Brings a region into the L2 cache in `steps` steps of about as many lines.
class Prefetcher {
 public:
  Prefetcher() = default;
  Prefetcher(const Region& region, std::int64_t steps)
      : row_(region.first),
        line_(region.first),
        step_(region.step),
        width_(ceil_div(region.width, PrefetchRun::kLine) * PrefetchRun::kLine),
        left_(region.rows * ceil_div(region.width, PrefetchRun::kLine)),
        share_(ceil_div(left_, std::max<std::int64_t>(1, steps))) {}

  /// Adds the lines of the next step; what there is no place for comes later.
  void next(PrefetchRuns& runs) {
    std::int64_t share = std::min(share_, left_);
    while (share > 0 && runs.room() > 0) {
      const std::int64_t to_end = (row_ + width_ - line_) / PrefetchRun::kLine;
      const std::int64_t lines = std::min({share, to_end, runs.room()});
      runs.add({line_, lines});
      line_ = lines == to_end ? row_ += step_ : line_ + lines * PrefetchRun::kLine;
      share -= lines;
      left_ -= lines;
    }
  }

 private:
  const float *row_ = nullptr, *line_ = nullptr;
  std::int64_t step_ = 0, width_ = 0, left_ = 0, share_ = 0;
};

}  // namespace banach::cpu
