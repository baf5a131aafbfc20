#pragma once

#include <banach/models/model.hpp>
#include <banach/train/progress_bar.hpp>

#include <chrono>

namespace banach {

/// The bar of one epoch or evaluation on standard output, fed from a model's running means.
class Progress {
 public:
  Progress(const Model& model, std::int64_t steps, int verbose, ProgressStyle style);

  /// After `step` steps; the line stays open for what follows (validation) until finish().
  void update(std::int64_t step);
  /// Remembers the means so far, then closes the line, with further values behind them.
  void hold();
  void finish(const std::vector<std::pair<std::string, double>>& validation = {});

 private:
  void read_means();

  const Model& model_;
  std::int64_t steps_;
  ProgressStyle style_;
  MetricValues values_;
  std::chrono::steady_clock::time_point last_read_;
  ProgressBar bar_;
};

}  // namespace banach
