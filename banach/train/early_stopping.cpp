#include <banach/core/errors.hpp>
#include <banach/train/early_stopping.hpp>
#include <banach/train/messages.hpp>

#include <fmt/format.h>

namespace banach::callbacks {

EarlyStopping::EarlyStopping(const EarlyStoppingOptions& options)
    : options_(options),
      monitor_("EarlyStopping", options.monitor, options.mode, options.min_delta) {
  if (options.patience >= 0 && options.start_from_epoch >= 0) return;
  throw InvalidArgument(
      fmt::format("[EarlyStopping] patience and start_from_epoch must be >= 0, received {} and {}",
                  options.patience, options.start_from_epoch));
}

void EarlyStopping::on_train_begin(const Logs&) {
  monitor_.settle(model());
  wait_ = stopped_epoch_ = best_epoch_ = 0;
  best_.reset();
  best_weights_.reset();
}

void EarlyStopping::take_best(std::int64_t epoch) {
  best_epoch_ = epoch;
  if (options_.restore_best_weights) best_weights_ = model().get_weights();
}

void EarlyStopping::on_epoch_end(std::int64_t epoch, Logs& logs) {
  const auto current = monitor_.find(
      logs, fmt::format("Early stopping conditioned on metric `{}` which is not available",
                        options_.monitor));
  if (!current || epoch < options_.start_from_epoch) return;
  if (options_.restore_best_weights && !best_weights_) take_best(epoch);
  ++wait_;
  if (monitor_.improves(*current, best_)) {
    best_ = current;
    take_best(epoch);
    if (monitor_.improves(*current, options_.baseline)) wait_ = 0;
  } else if (wait_ >= options_.patience && epoch > 0) {
    stopped_epoch_ = epoch;
    model().stop_training();
  }
}

void EarlyStopping::on_train_end(const Logs&) {
  if (stopped_epoch_ > 0 && options_.verbose > 0) {
    print_message(fmt::format("Epoch {}: early stopping", stopped_epoch_ + 1));
  }
  if (!best_weights_) return;
  if (options_.verbose > 0) {
    print_message(fmt::format("Restoring model weights from the end of the best epoch: {}.",
                              best_epoch_ + 1));
  }
  model().set_weights(*best_weights_);
}

}  // namespace banach::callbacks
