#pragma once

#include <banach/train/monitor.hpp>

#include <variant>

namespace banach::callbacks {

struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  int verbose = 0;                 ///< 1: says what it saves
  bool save_best_only = false;     ///< only when `monitor` improves
  bool save_weights_only = false;  ///< Model::save_weights, else Model::save
  std::string mode = "auto";       ///< "min", "max", or "auto": by the name of what is monitored
  std::variant<std::string, std::int64_t> save_freq = "epoch";  ///< or a number of batches
  std::optional<double> initial_value_threshold = {};  ///< what the first save must improve on
};

/// Saves the model after epochs or batches: `callbacks::ModelCheckpoint("net_{epoch:02d}.keras")`.
/// The path may name the epoch, the batch (both from 1) and the logs in braces, with a format as in
/// Python; folders that are not there are made. Training goes on from such a file:
/// models::load_model. Keras: callbacks/model_checkpoint.py.
class ModelCheckpoint final : public Callback {
 public:
  explicit ModelCheckpoint(std::string filepath, const ModelCheckpointOptions& options = {});

  /// NotSupported for a model that no file can hold, unless it saves the weights alone.
  void on_train_begin(const Logs& logs) override;
  void on_epoch_begin(std::int64_t epoch, const Logs& logs) override;
  void on_train_batch_end(std::int64_t batch, const Logs& logs) override;
  /// IOError for a file or folder that cannot be written.
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;

  const std::optional<double>& best() const { return best_; }

 private:
  bool is_due(std::int64_t batch);
  bool should_save(std::int64_t epoch, const Logs& logs, const std::string& path);
  bool is_better(std::int64_t epoch, double current, const std::string& path);
  void save(std::int64_t epoch, std::optional<std::int64_t> batch, const Logs& logs);

  std::string filepath_;
  ModelCheckpointOptions options_;
  Monitor monitor_;
  std::optional<double> best_;
  std::int64_t epoch_ = 0, batches_since_save_ = 0;
};

}  // namespace banach::callbacks
