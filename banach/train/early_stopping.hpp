#pragma once

#include <banach/train/monitor.hpp>

namespace banach::callbacks {

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;       ///< what a change must exceed to be an improvement
  std::int64_t patience = 0;  ///< epochs without improvement after which training stops
  int verbose = 0;            ///< 1: says so when it acts
  std::string mode = "auto";  ///< "min", "max", or "auto": by the name of what is monitored
  std::optional<double> baseline = {};  ///< what must be improved on as well
  bool restore_best_weights = false;    ///< else the weights of the last step stay
  std::int64_t start_from_epoch = 0;    ///< epochs before it are not looked at
};

/// Ends fit() when a quantity has stopped improving: `.callbacks =
/// {callbacks::EarlyStopping({.monitor = "loss", .patience = 3})}`. Keras:
/// callbacks/early_stopping.py.
class EarlyStopping final : public Callback {
 public:
  explicit EarlyStopping(const EarlyStoppingOptions& options = {});

  void on_train_begin(const Logs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_end(const Logs& logs) override;

  std::int64_t stopped_epoch() const { return stopped_epoch_; }  ///< from 0; 0: did not stop
  std::int64_t best_epoch() const { return best_epoch_; }
  const std::optional<double>& best() const { return best_; }

 private:
  void take_best(std::int64_t epoch);

  EarlyStoppingOptions options_;
  Monitor monitor_;
  std::int64_t wait_ = 0, stopped_epoch_ = 0, best_epoch_ = 0;
  std::optional<double> best_;
  std::optional<std::vector<Array>> best_weights_;
};

}  // namespace banach::callbacks
