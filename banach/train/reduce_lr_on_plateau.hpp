#pragma once

#include <banach/train/monitor.hpp>

namespace banach::callbacks {

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;         ///< new learning rate = learning rate * factor; below 1
  std::int64_t patience = 10;  ///< epochs without improvement after which it is reduced
  int verbose = 0;             ///< 1: says so when it acts
  std::string mode = "auto";   ///< "min", "max", or "auto": by the name of what is monitored
  double min_delta = 1e-4;     ///< what a change must exceed to be an improvement
  std::int64_t cooldown = 0;   ///< epochs after a reduction before waiting begins again
  double min_lr = 0;           ///< the learning rate never falls below
};

/// Reduces the learning rate when a quantity has stopped improving, and adds "learning_rate" to the
/// logs. Keras: callbacks/reduce_lr_on_plateau.py.
class ReduceLROnPlateau final : public Callback {
 public:
  explicit ReduceLROnPlateau(const ReduceLROnPlateauOptions& options = {});

  void on_train_begin(const Logs& logs) override;
  /// InvalidArgument when the learning rate is a schedule, which cannot be set.
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;

 private:
  void wait(std::int64_t epoch);
  bool reduce(std::int64_t epoch);

  ReduceLROnPlateauOptions options_;
  Monitor monitor_;
  std::int64_t wait_ = 0, cooldown_ = 0;
  std::optional<double> best_;
};

}  // namespace banach::callbacks
