#pragma once

#include <banach/models/history.hpp>

#include <cstdint>

namespace banach {

class Model;

/// Hooks into fit() and evaluate(), as keras.callbacks.Callback: override what you need. Logs hold
/// the running means so far. model() is valid from set_model() on, before on_train_begin().
class Callback {
 public:
  virtual ~Callback() = default;

  virtual void on_train_begin(const Logs& logs);
  virtual void on_train_end(const Logs& logs);
  virtual void on_epoch_begin(std::int64_t epoch, const Logs& logs);
  virtual void on_epoch_end(std::int64_t epoch, const Logs& logs);
  virtual void on_train_batch_begin(std::int64_t batch, const Logs& logs);
  virtual void on_train_batch_end(std::int64_t batch, const Logs& logs);
  virtual void on_test_begin(const Logs& logs);
  virtual void on_test_end(const Logs& logs);
  virtual void on_test_batch_begin(std::int64_t batch, const Logs& logs);
  virtual void on_test_batch_end(std::int64_t batch, const Logs& logs);

  void set_model(Model* model) { model_ = model; }
  Model& model() const { return *model_; }

 private:
  Model* model_ = nullptr;
};

}  // namespace banach
