#include <banach/core/errors.hpp>
#include <banach/train/messages.hpp>
#include <banach/train/reduce_lr_on_plateau.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::callbacks {

ReduceLROnPlateau::ReduceLROnPlateau(const ReduceLROnPlateauOptions& options)
    : options_(options),
      monitor_("ReduceLROnPlateau", options.monitor, options.mode, options.min_delta) {
  const auto& o = options_;
  if (o.factor >= 0 && o.factor < 1 && o.patience >= 0 && o.cooldown >= 0 && o.min_lr >= 0) return;
  throw InvalidArgument(
      fmt::format("[ReduceLROnPlateau] expected factor in [0, 1) and patience, cooldown and min_lr "
                  ">= 0, received {}, {}, {} and {}",
                  o.factor, o.patience, o.cooldown, o.min_lr));
}

void ReduceLROnPlateau::on_train_begin(const Logs&) {
  monitor_.settle(model());
  best_.reset();
  wait_ = cooldown_ = 0;
}

void ReduceLROnPlateau::on_epoch_end(std::int64_t epoch, Logs& logs) {
  logs["learning_rate"] = model().optimizer().learning_rate();
  const auto current = monitor_.find(
      logs, fmt::format("Learning rate reduction is conditioned on metric `{}` which is not "
                        "available",
                        options_.monitor));
  if (!current) return;
  if (cooldown_ > 0) {
    --cooldown_;
    wait_ = 0;
  }
  if (monitor_.improves(*current, best_)) {
    best_ = current;
    wait_ = 0;
  } else if (cooldown_ == 0) {
    wait(epoch);
  }
}

void ReduceLROnPlateau::wait(std::int64_t epoch) {
  if (++wait_ < options_.patience || !reduce(epoch)) return;
  cooldown_ = options_.cooldown;
  wait_ = 0;
}

bool ReduceLROnPlateau::reduce(std::int64_t epoch) {
  Optimizer optimizer = model().optimizer();
  const double before = optimizer.learning_rate();
  if (static_cast<float>(before) <= static_cast<float>(options_.min_lr)) return false;
  const double after = std::max(before * options_.factor, options_.min_lr);
  optimizer.set_learning_rate(after);
  if (options_.verbose > 0) {
    print_message(fmt::format("\nEpoch {}: ReduceLROnPlateau reducing learning rate to {}.",
                              epoch + 1, python_repr(after)));
  }
  return true;
}

}  // namespace banach::callbacks
