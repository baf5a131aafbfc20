#pragma once

#include <banach/models/callback.hpp>

namespace banach::cli {

/// While it lives, the first Ctrl-C is remembered and the second ends the process.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

bool was_interrupted();

/// 128 and the number of SIGINT, as shells have it.
inline constexpr int kInterruptedCode = 130;

/// Ends the training after the step in which Ctrl-C was pressed.
class StopOnInterrupt final : public Callback {
 public:
  void on_train_batch_end(std::int64_t batch, const Logs& logs) override;
  /// Whether the epoch was ended before its last step.
  bool inside_epoch() const { return inside_epoch_; }

 private:
  bool inside_epoch_ = false;
};

}  // namespace banach::cli
