#pragma once

#include <banach/models/callback.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <variant>

namespace banach::formats {
class EventWriter;
}

namespace banach::callbacks {

struct TensorBoardOptions {
  std::int64_t histogram_freq = 0;  ///< every so many epochs a histogram of each weight; 0: never
  bool write_graph = true;          ///< the layers, for the tab "Graphs"
  bool write_steps_per_second = false;
  /// "epoch", "batch", or after how many batches loss and metrics are also written as batch_<name>.
  std::variant<std::string, std::int64_t> update_freq = "epoch";
};

/// Writes what TensorBoard shows: `fit(x, y, {.callbacks = {callbacks::TensorBoard("logs")}})`,
/// then `tensorboard --logdir logs`. The tags and steps are Keras': epoch_loss by epoch in
/// `<log_dir>/train` and `validation`, evaluation_loss_vs_iterations by the optimizer's step,
/// batch_loss by batch, <layer>/kernel/histogram. What is logged each epoch is also logged when
/// update_freq is a number, as in TensorFlow 2. Each fit() makes new files, which grow with each
/// epoch; IOError when they cannot be made, before the first step, or written. Keras:
/// callbacks/tensorboard.py.
class TensorBoard final : public Callback {
 public:
  /// InvalidArgument for numbers below 0 and any other update_freq.
  explicit TensorBoard(std::string log_dir = "logs", const TensorBoardOptions& options = {});

  void on_train_begin(const Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  void on_epoch_begin(std::int64_t epoch, const Logs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_batch_begin(std::int64_t batch, const Logs& logs) override;
  void on_train_batch_end(std::int64_t batch, const Logs& logs) override;
  void on_test_end(const Logs& logs) override;

 private:
  using Clock = std::chrono::steady_clock;

  formats::EventWriter& validation_writer();
  void write_graph();
  void write_weights(std::int64_t epoch);

  std::string log_dir_;
  TensorBoardOptions options_;
  std::int64_t batches_between_ = 0;  // 0: batches are not logged
  std::shared_ptr<formats::EventWriter> train_, validation_;
  std::int64_t batches_ = 0, iterations_before_ = 0;
  Clock::time_point epoch_begin_, batch_begin_;
};

}  // namespace banach::callbacks
