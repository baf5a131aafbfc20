#include <banach/train/lambda_callback.hpp>

namespace banach::callbacks {
namespace {

template <class Function, class... Arguments>
void call(const Function& function, Arguments&&... arguments) {
  if (function) function(arguments...);
}

}  // namespace

void LambdaCallback::on_train_begin(const Logs& logs) { call(options_.on_train_begin, logs); }

void LambdaCallback::on_train_end(const Logs& logs) { call(options_.on_train_end, logs); }

void LambdaCallback::on_epoch_begin(std::int64_t epoch, const Logs& logs) {
  call(options_.on_epoch_begin, epoch, logs);
}

void LambdaCallback::on_epoch_end(std::int64_t epoch, Logs& logs) {
  call(options_.on_epoch_end, epoch, logs);
}

void LambdaCallback::on_train_batch_begin(std::int64_t batch, const Logs& logs) {
  call(options_.on_train_batch_begin, batch, logs);
}

void LambdaCallback::on_train_batch_end(std::int64_t batch, const Logs& logs) {
  call(options_.on_train_batch_end, batch, logs);
}

void LambdaCallback::on_test_begin(const Logs& logs) { call(options_.on_test_begin, logs); }

void LambdaCallback::on_test_end(const Logs& logs) { call(options_.on_test_end, logs); }

void LambdaCallback::on_test_batch_begin(std::int64_t batch, const Logs& logs) {
  call(options_.on_test_batch_begin, batch, logs);
}

void LambdaCallback::on_test_batch_end(std::int64_t batch, const Logs& logs) {
  call(options_.on_test_batch_end, batch, logs);
}

}  // namespace banach::callbacks
