// One training step of the tutorial's net, kernel by kernel: the program's dump with the median
// microseconds of each kernel, then the whole step. Argument: batch size.
#include <banach/models/runtime.hpp>
#include <tests/support/nets.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/core.h>

using namespace banach;

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  const std::int64_t batch = argc > 1 ? std::atoi(argv[1]) : 250;
  Sequential model = testing::tutorial_net();
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::Adam(),
                 .metrics = {"accuracy"}});
  const auto program =
      cached_program(model, {Mode::train, {Shape{batch, 28, 28, 1}}, {Shape{batch, 10}}});
  const ContextLease context = program->lease();
  fmt::print("{}", program->dump({.microseconds = context->profile(11)}));
  std::vector<double> times;
  for (int i = 0; i < 25; ++i) {
    const auto start = Clock::now();
    context->run();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::ranges::sort(times);
  fmt::print("step: median {:.2f} ms, fastest {:.2f} ms; arena {:.1f} MB\n", times[12], times[0],
             static_cast<double>(program->arena_bytes()) / 1e6);
}
