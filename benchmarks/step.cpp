// One training step of a case, kernel by kernel: the program's dump with the median microseconds of
// each kernel, then the whole step. Argument: the case, by default tutorial.
#include <banach/models/runtime.hpp>
#include <benchmarks/cases.hpp>
#include <benchmarks/measure.hpp>

#include <fmt/core.h>

using namespace banach;
using namespace banach::bench;

int main(int argc, char** argv) {
  const Case item = find_case(read_cases(), argc > 1 ? argv[1] : "tutorial");
  const auto model = make_model(item);
  const Samples samples = make_samples(item, item.batch);
  const auto program = cached_program(*model, {Mode::train, {item.x_shape()}, {item.y_shape()}});
  const ContextLease context = program->lease();
  context->set_input(0, samples.x);
  context->set_input(1, samples.y);
  context->set_input(2, Array::full({item.batch}, 1));
  fmt::print("{}", program->dump({.microseconds = context->profile(21)}));
  fmt::print("step: {}; arena {:.1f} MB\n", to_json(measure([&] { context->run(); })),
             static_cast<double>(program->arena_bytes()) / 1e6);
}
