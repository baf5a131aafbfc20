#include <banach/models/callback.hpp>

namespace banach {

void Callback::on_train_begin(const Logs&) {}
void Callback::on_train_end(const Logs&) {}
void Callback::on_epoch_begin(std::int64_t, const Logs&) {}
void Callback::on_epoch_end(std::int64_t, Logs&) {}
void Callback::on_train_batch_begin(std::int64_t, const Logs&) {}
void Callback::on_train_batch_end(std::int64_t, const Logs&) {}
void Callback::on_test_begin(const Logs&) {}
void Callback::on_test_end(const Logs&) {}
void Callback::on_test_batch_begin(std::int64_t, const Logs&) {}
void Callback::on_test_batch_end(std::int64_t, const Logs&) {}
bool Callback::shows(const std::string&) const { return true; }

}  // namespace banach
