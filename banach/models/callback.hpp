#pragma once

#include <banach/models/history.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace banach {

class Model;

/// Hooks into fit() and evaluate(), as keras.callbacks.Callback: override what you need. Logs hold
/// the running means so far; what on_epoch_end adds to them reaches the callbacks behind, History
/// and the epoch's last line. model() and params() are valid from on_train_begin() or
/// on_test_begin() on.
class Callback {
 public:
  virtual ~Callback() = default;

  virtual void on_train_begin(const Logs& logs);
  virtual void on_train_end(const Logs& logs);
  virtual void on_epoch_begin(std::int64_t epoch, const Logs& logs);
  virtual void on_epoch_end(std::int64_t epoch, Logs& logs);
  virtual void on_train_batch_begin(std::int64_t batch, const Logs& logs);
  virtual void on_train_batch_end(std::int64_t batch, const Logs& logs);
  virtual void on_test_begin(const Logs& logs);
  virtual void on_test_end(const Logs& logs);
  virtual void on_test_batch_begin(std::int64_t batch, const Logs& logs);
  virtual void on_test_batch_end(std::int64_t batch, const Logs& logs);

  /// Whether the epoch's last line shows this value of the logs. It does if all callbacks say so;
  /// one that adds many values says no to its own.
  virtual bool shows(const std::string& log_name) const;

  void set_model(Model* model) { model_ = model; }
  Model& model() const { return *model_; }
  void set_params(const TrainingParams& params) { params_ = params; }
  const TrainingParams& params() const { return params_; }

 private:
  Model* model_ = nullptr;
  TrainingParams params_;
};

/// A callback given by value, `callbacks::EarlyStopping({.patience = 3})`, or, by whoever wants to
/// ask it afterwards, as a shared pointer.
class CallbackPtr {
 public:
  template <std::derived_from<Callback> Kind>
  CallbackPtr(std::shared_ptr<Kind> callback) : callback_(std::move(callback)) {}
  template <std::derived_from<Callback> Kind>
  CallbackPtr(Kind callback) : callback_(std::make_shared<Kind>(std::move(callback))) {}

  Callback* get() const { return callback_.get(); }

 private:
  std::shared_ptr<Callback> callback_;
};

using Callbacks = std::vector<CallbackPtr>;

}  // namespace banach
