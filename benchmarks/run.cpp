// banach's side of the benchmark: one JSON line for each case of cases.json that is named as an
// argument or, without arguments, on standard input. Models are kept for when a case comes again.
#include <banach/core/errors.hpp>
#include <banach/core/threads.hpp>
#include <banach/models/runtime.hpp>
#include <benchmarks/cases.hpp>
#include <benchmarks/measure.hpp>

#include <fmt/core.h>
#include <iostream>
#include <map>

using namespace banach;
using namespace banach::bench;

namespace {

struct Prepared {
  Sequential model;
  Samples samples;
};

constexpr std::int64_t kFitBatches = 8;

std::string json_members(const Timing& timing, const Program& program) {
  return fmt::format(R"({}, "arena_mb": {:.3f}, "kernels": {}, "peak_mb": {:.1f})", to_json(timing),
                     static_cast<double>(program.arena_bytes()) / 1e6, program.num_kernels(),
                     peak_megabytes());
}

// A step on one batch that lies in the program's slots, and a step of fit, which fills them.
std::string run_training(const Case& item, Prepared& prepared) {
  Sequential& model = prepared.model;
  const auto program = cached_program(model, {Mode::train, item.x_shape(), item.y_shape()});
  const ContextLease context = program->lease();
  context->set_input(kInputX, prepared.samples.x.slice(0, item.batch));
  context->set_input(kInputY, prepared.samples.y.slice(0, item.batch));
  context->set_input(kInputSampleWeight, Array::full({item.batch}, 1));
  const Timing step = measure([&] { context->run(); });
  const Timing epoch = measure([&] {
    model.fit(prepared.samples.x, prepared.samples.y, {.batch_size = item.batch, .verbose = 0});
  });
  return fmt::format(R"({}, "fit_ms": {:.6g})", json_members(step, *program),
                     epoch.median / kFitBatches);
}

std::string run_prediction(const Case& item, Prepared& prepared) {
  Sequential& model = prepared.model;
  const Timing timing =
      measure([&] { model.predict(prepared.samples.x, {.batch_size = item.batch}); });
  return json_members(timing,
                      *cached_program(model, {Mode::predict, item.x_shape(), std::nullopt}));
}

std::string run_case(const Case& item) {
  static std::map<std::string, Prepared> cache;
  const bool training = item.kind == Kind::train;
  auto found = cache.find(item.name);
  if (found == cache.end()) {
    const std::int64_t count = training ? kFitBatches * item.batch : item.samples;
    Prepared prepared{make_model(item), make_samples(item, count)};
    found = cache.emplace(item.name, std::move(prepared)).first;
  }
  return training ? run_training(item, found->second) : run_prediction(item, found->second);
}

void print_case(const std::string& name, const std::vector<Case>& cases) {
  std::string members;
  try {
    members = run_case(find_case(cases, name));
  } catch (const NotSupported& error) {
    members = fmt::format(R"("not_supported": "{}")", error.what());
  }
  fmt::print(R"({{"runner": "banach", "case": "{}", "threads": {}, {}}})"
             "\n",
             name, config::num_threads(), members);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Case> cases = read_cases();
  for (int i = 1; i < argc; ++i) print_case(argv[i], cases);
  for (std::string name; argc == 1 && std::getline(std::cin, name);) print_case(name, cases);
}
