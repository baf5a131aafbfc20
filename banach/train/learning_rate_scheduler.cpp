#include <banach/core/errors.hpp>
#include <banach/models/model.hpp>
#include <banach/train/learning_rate_scheduler.hpp>
#include <banach/train/messages.hpp>

#include <fmt/format.h>

namespace banach::callbacks {
namespace {

LearningRateScheduler::Schedule with_rate(std::function<double(std::int64_t)> schedule) {
  if (!schedule) return {};
  return [schedule = std::move(schedule)](std::int64_t epoch, double) { return schedule(epoch); };
}

}  // namespace

LearningRateScheduler::LearningRateScheduler(Schedule schedule,
                                             const LearningRateSchedulerOptions& options)
    : schedule_(std::move(schedule)), options_(options) {
  if (!schedule_) throw InvalidArgument("[LearningRateScheduler] schedule is an empty function");
}

LearningRateScheduler::LearningRateScheduler(std::function<double(std::int64_t)> schedule,
                                             const LearningRateSchedulerOptions& options)
    : LearningRateScheduler(with_rate(std::move(schedule)), options) {}

void LearningRateScheduler::on_epoch_begin(std::int64_t epoch, const Logs&) {
  Optimizer optimizer = model().optimizer();
  const double rate = schedule_(epoch, optimizer.learning_rate());
  optimizer.set_learning_rate(rate);
  if (options_.verbose > 0) {
    print_message(fmt::format("\nEpoch {}: LearningRateScheduler setting learning rate to {}.",
                              epoch + 1, python_repr(rate)));
  }
}

void LearningRateScheduler::on_epoch_end(std::int64_t, Logs& logs) {
  logs["learning_rate"] = model().optimizer().learning_rate();
}

}  // namespace banach::callbacks
