#pragma once

#include <banach/models/arrays.hpp>
#include <banach/models/callback.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banach::callbacks {

struct ActivationMonitorOptions {
  /// The targets of x: then gradients are measured too.
  std::optional<Arrays> y = {};
  /// Which layers, "encoder/dense" inside a model; by default those with weights and activations.
  std::vector<std::string> layers = {};
  /// Where TensorBoard finds histograms of the outputs, in its run "activations"; none by default.
  std::string log_dir = {};
};

/// After each epoch, what layers give for one batch, without dropout: adds to the logs, so to
/// History and what callbacks behind it write (CSVLogger, TensorBoard), but not to the progress
/// bar,
///
///     dense_1/mean, dense_1/variance   of all outputs
///     dense_1/saturation               the share of outputs below 0.99 times SELU's limit
///                                      -scale alpha, where its slope is below 1 % of that at 0;
///                                      of layers with selu only
///     dense_1/gradient_norm            sqrt of the sum of squares of the loss' gradients by the
///                                      layer's trainable weights; with targets only
///
/// The loss is that of the whole batch, penalties included. A second call of a shared layer is
/// "dense_1#2". A few hundred samples are enough: the batch runs at once, and its outputs of all
/// layers are in memory.
class ActivationMonitor final : public Callback {
 public:
  explicit ActivationMonitor(Arrays x, const ActivationMonitorOptions& options = {});

  /// InvalidArgument when x, y or the layers do not fit the model.
  void on_train_begin(const Logs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  bool shows(const std::string& log_name) const override;

 private:
  class Watch;

  Arrays x_;
  ActivationMonitorOptions options_;
  std::shared_ptr<Watch> watch_;  // while fit() runs
  std::vector<std::string> added_;
};

}  // namespace banach::callbacks
