#pragma once

#include <banach/models/callback.hpp>

#include <functional>

namespace banach::callbacks {

/// What to do at which hook; empty: nothing.
struct LambdaCallbackOptions {
  std::function<void(std::int64_t epoch, const Logs& logs)> on_epoch_begin = {};
  std::function<void(std::int64_t epoch, Logs& logs)> on_epoch_end = {};
  std::function<void(const Logs& logs)> on_train_begin = {};
  std::function<void(const Logs& logs)> on_train_end = {};
  std::function<void(std::int64_t batch, const Logs& logs)> on_train_batch_begin = {};
  std::function<void(std::int64_t batch, const Logs& logs)> on_train_batch_end = {};
  std::function<void(const Logs& logs)> on_test_begin = {};
  std::function<void(const Logs& logs)> on_test_end = {};
  std::function<void(std::int64_t batch, const Logs& logs)> on_test_batch_begin = {};
  std::function<void(std::int64_t batch, const Logs& logs)> on_test_batch_end = {};
};

/// A callback of functions: `callbacks::LambdaCallback({.on_epoch_end = [](std::int64_t epoch,
/// Logs& logs) { ... }})`. Keras: callbacks/lambda_callback.py.
class LambdaCallback final : public Callback {
 public:
  explicit LambdaCallback(LambdaCallbackOptions options) : options_(std::move(options)) {}

  void on_train_begin(const Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  void on_epoch_begin(std::int64_t epoch, const Logs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_batch_begin(std::int64_t batch, const Logs& logs) override;
  void on_train_batch_end(std::int64_t batch, const Logs& logs) override;
  void on_test_begin(const Logs& logs) override;
  void on_test_end(const Logs& logs) override;
  void on_test_batch_begin(std::int64_t batch, const Logs& logs) override;
  void on_test_batch_end(std::int64_t batch, const Logs& logs) override;

 private:
  LambdaCallbackOptions options_;
};

}  // namespace banach::callbacks
