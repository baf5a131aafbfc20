#pragma once

#include <banach/models/callback.hpp>

#include <memory>
#include <string>

namespace banach::cli {

class StopOnInterrupt;

/// Saves the model, with the state of its training, when a training begins and after each epoch
/// that was not ended early: what `banach train --resume` goes on from.
class Checkpoint final : public Callback {
 public:
  Checkpoint(std::string path, std::shared_ptr<StopOnInterrupt> interrupt)
      : path_(std::move(path)), interrupt_(std::move(interrupt)) {}

  void on_train_begin(const Logs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;

 private:
  std::string path_;
  std::shared_ptr<StopOnInterrupt> interrupt_;
};

}  // namespace banach::cli
