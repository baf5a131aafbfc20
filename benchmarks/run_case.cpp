#include <banach/backend/backend.hpp>
#include <banach/core/threads.hpp>
#include <banach/models/runtime.hpp>
#include <benchmarks/run_case.hpp>

#include <fmt/core.h>
#include <map>

namespace banach::bench {
namespace {

constexpr std::int64_t kFitBatches = 8;

struct Prepared {
  std::shared_ptr<Model> model;
  Samples samples;
};

Prepared& prepared(const Case& item) {
  static std::map<std::string, Prepared> cache;
  auto found = cache.find(item.name);
  if (found == cache.end()) {
    const bool training = item.kind == Kind::train;
    const std::int64_t count = training ? kFitBatches * item.batch : item.samples;
    found = cache.emplace(item.name, Prepared{make_model(item), make_samples(item, count)}).first;
  }
  return found->second;
}

// A step on one batch that lies in the program's slots, and a step of fit, which fills them.
Result run_training(const Case& item) {
  auto& [model, samples] = prepared(item);
  const auto program = cached_program(*model, {Mode::train, {item.x_shape()}, {item.y_shape()}});
  const ContextLease context = program->lease();
  context->set_input(0, samples.x.slice(0, item.batch));
  context->set_input(1, samples.y.slice(0, item.batch));
  context->set_input(2, Array::full({item.batch}, 1));
  const Timing step =
      measure([&] { context->run(); }, 5, 100, [&] { program->backend()->synchronize(); });
  const Timing epoch = measure([&, &model = model, &samples = samples] {
    model->fit(samples.x, samples.y, {.batch_size = item.batch, .verbose = 0});
  });
  return {step, epoch.median / kFitBatches, program->arena_bytes(), program->num_kernels()};
}

Result run_prediction(const Case& item) {
  auto& [model, samples] = prepared(item);
  const Timing step = measure([&model = model, &samples = samples, &item] {
    model->predict(samples.x, {.batch_size = item.batch});
  });
  const auto program = cached_program(*model, {Mode::predict, {item.x_shape()}, {}});
  return {step, std::nullopt, program->arena_bytes(), program->num_kernels()};
}

}  // namespace

Result run_case(const Case& item) {
  return item.kind == Kind::train ? run_training(item) : run_prediction(item);
}

std::string to_json(const Case& item, const Result& result) {
  return fmt::format(
      R"({{"runner": "banach", "case": "{}", "device": "{}", "threads": {}, {}, "arena_mb": {:.3f}, )"
      R"("kernels": {}, "peak_mb": {:.1f}{}}})",
      item.name, default_backend()->name(), config::num_threads(), to_json(result.step),
      static_cast<double>(result.arena_bytes) / 1e6, result.kernels, peak_megabytes(),
      result.fit ? fmt::format(R"(, "fit_ms": {:.6g})", *result.fit) : "");
}

}  // namespace banach::bench
