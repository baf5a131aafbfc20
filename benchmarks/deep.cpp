// How long a deep model takes before its first step: adding the layers, then compile() and the
// training program, its first context, its first step; and the inference program. Argument: layers.
#include <banach/banach.hpp>
#include <banach/models/runtime.hpp>

#include <chrono>
#include <cstdlib>
#include <fmt/core.h>
#include <functional>

using namespace banach;
using namespace banach::layers;

namespace {

void timed(const char* what, const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  work();
  fmt::print("{:18} {:8.1f} ms\n", what,
             std::chrono::duration<double, std::milli>(Clock::now() - start).count());
}

}  // namespace

int main(int argc, char** argv) {
  const int layers = argc > 1 ? std::atoi(argv[1]) : 1000;
  Sequential model({Input({16})});
  timed("add layers", [&] {
    for (int i = 0; i < layers; ++i) {
      model.add(Dense(16, {.activation = "selu", .kernel_initializer = "lecun_normal"}));
    }
  });
  model.compile({.loss = "mean_squared_error", .optimizer = optimizers::Adam()});
  std::shared_ptr<const Program> program;
  timed("training program", [&] {
    program = cached_program(model, {Mode::train, {Shape{32, 16}}, {Shape{32, 16}}});
  });
  timed("first context", [&] { program->lease(); });
  const ContextLease context = program->lease();
  timed("first step", [&] { context->run(); });
  timed("second step", [&] { context->run(); });
  timed("found again", [&] {
    cached_program(model, {Mode::train, {Shape{32, 16}}, {Shape{32, 16}}});
  });
  timed("inference program", [&] { cached_program(model, {Mode::predict, {Shape{32, 16}}, {}}); });
  timed("summary", [&] { model.summary_text(); });
  fmt::print("{} kernels, arena {:.2f} MB\n", program->num_kernels(),
             static_cast<double>(program->arena_bytes()) / 1e6);
}
