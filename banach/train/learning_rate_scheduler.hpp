#pragma once

#include <banach/models/callback.hpp>

#include <functional>

namespace banach::callbacks {

struct LearningRateSchedulerOptions {
  int verbose = 0;  ///< 1: says what it sets
};

/// Sets the learning rate at the beginning of every epoch, counted from 0, and adds "learning_rate"
/// to the logs: `callbacks::LearningRateScheduler([](std::int64_t epoch, double rate) { return
/// epoch < 10 ? rate : rate * 0.9; })`. Keras: callbacks/learning_rate_scheduler.py.
class LearningRateScheduler final : public Callback {
 public:
  using Schedule = std::function<double(std::int64_t epoch, double learning_rate)>;

  explicit LearningRateScheduler(Schedule schedule,
                                 const LearningRateSchedulerOptions& options = {});
  explicit LearningRateScheduler(std::function<double(std::int64_t epoch)> schedule,
                                 const LearningRateSchedulerOptions& options = {});

  /// InvalidArgument for a learning rate that is negative or not finite, and when the optimizer's
  /// is a schedule, which cannot be set.
  void on_epoch_begin(std::int64_t epoch, const Logs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;

 private:
  Schedule schedule_;
  LearningRateSchedulerOptions options_;
};

}  // namespace banach::callbacks
