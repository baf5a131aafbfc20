#include <cli/interrupt.hpp>

#include <banach/models/model.hpp>

#include <csignal>

namespace banach::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void on_interrupt(int) {
  interrupted = 1;
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  std::signal(SIGINT, on_interrupt);
}

InterruptGuard::~InterruptGuard() { std::signal(SIGINT, SIG_DFL); }

bool was_interrupted() { return interrupted != 0; }

void StopOnInterrupt::on_train_batch_end(std::int64_t batch, const Logs&) {
  if (!was_interrupted()) return;
  inside_epoch_ = batch + 1 < params().steps;
  model().stop_training();
}

}  // namespace banach::cli
