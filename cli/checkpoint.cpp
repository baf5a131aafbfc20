#include <cli/checkpoint.hpp>

#include <cli/interrupt.hpp>

#include <banach/io/saving.hpp>

namespace banach::cli {

void Checkpoint::on_train_begin(const Logs&) { saving::save_model(model(), path_); }

void Checkpoint::on_epoch_end(std::int64_t, Logs&) {
  if (!interrupt_->inside_epoch()) saving::save_model(model(), path_);
}

}  // namespace banach::cli
