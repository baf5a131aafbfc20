#pragma once

#include <banach/models/callback.hpp>

namespace banach::callbacks {

struct TerminateOnNaNOptions {
  bool raise_error = false;  ///< a RuntimeError instead, which no callback's on_train_end follows
};

/// Ends fit() when the loss is NaN or infinite, and says so. Keras: callbacks/terminate_on_nan.py.
class TerminateOnNaN final : public Callback {
 public:
  explicit TerminateOnNaN(const TerminateOnNaNOptions& options = {}) : options_(options) {}

  void on_train_batch_end(std::int64_t batch, const Logs& logs) override;

 private:
  TerminateOnNaNOptions options_;
};

}  // namespace banach::callbacks
