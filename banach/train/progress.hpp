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
  /// Remembers the means so far, as those of the training or of its validation.
  void hold(const std::string& prefix = "");
  /// Closes the line with what was held and, in their places or behind them, the values of `logs`.
  void finish(const Logs& logs = {});

 private:
  MetricValues means() const;

  const Model& model_;
  std::int64_t steps_;
  ProgressStyle style_;
  MetricValues held_;
  std::chrono::steady_clock::time_point last_read_;
  ProgressBar bar_;
};

}  // namespace banach
