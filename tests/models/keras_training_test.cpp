#include <doctest/doctest.h>
#include <tests/models/keras_nets.hpp>
#include <tests/support/floatx_guard.hpp>
#include <tests/support/tolerance.hpp>

#include <cmath>

using namespace banach;
using namespace banach::testing;

namespace {

// A file train_<name>.npz and its twin in float64: what was trained and how.
struct Run {
  const char* name;
  Sequential (*net)();
  const char* loss;
  Optimizer (*optimizer)(DType dtype);
  std::vector<Metric> metrics = {"accuracy"};
  std::vector<Metric> weighted_metrics = {};
  double float64_tolerance = Tolerance::kFloat64;

  std::string file(DType dtype) const {
    return std::string("train_") + name + (dtype == float64 ? "_f64.npz" : ".npz");
  }
  Sequential compiled(DType dtype) const {
    Sequential model = net();
    model.compile({.loss = loss,
                   .optimizer = optimizer(dtype),
                   .metrics = metrics,
                   .weighted_metrics = weighted_metrics});
    model.set_weights(numbered(file(dtype), "w"));
    return model;
  }
};

template <bool kNesterov>
Optimizer momentum(DType dtype) {
  return optimizers::SGD(0.05, {.momentum = constant_for(dtype, 0.9), .nesterov = kNesterov});
}

Optimizer sgd(DType) { return optimizers::SGD(0.1); }

const Run kRuns[] = {
    {"mlp_sgd", mlp_net, "categorical_crossentropy", sgd},
    {"mlp_momentum", mlp_net, "categorical_crossentropy", momentum<false>},
    {"mlp_nesterov", mlp_net, "categorical_crossentropy", momentum<true>},
    {"mlp_adam", mlp_net, "categorical_crossentropy", adam_for},
    {"cnn_adam", cnn_net, "sparse_categorical_crossentropy", adam_for},
    {"bn_adam", bn_net, "categorical_crossentropy", adam_for},
    {"binary_sgd",
     binary_net,
     "binary_crossentropy",
     sgd,
     {"accuracy"},
     {{"weighted_accuracy", metrics::binary_accuracy}},
     Tolerance::kFloat64Rounded},  // gelu
    {"regression_adam", regression_net, "mse", adam_for, {"mae"}},
    {"classweight_adam", classweight_net, "sparse_categorical_crossentropy", adam_for}};

// What one step on samples [begin, end) measures: fit() where they have weights.
Logs step(Model& model, const std::string& file, std::int64_t begin, std::int64_t end) {
  const auto& data = golden(file);
  const Array x = data.at("x").slice(begin, end), y = data.at("y").slice(begin, end);
  FitOptions options{.batch_size = end - begin, .verbose = 0, .shuffle = false};
  if (data.contains("sample_weight")) {
    options.sample_weight = data.at("sample_weight").slice(begin, end);
  }
  if (data.contains("class_weight")) {
    for (std::int64_t i = 0; i < data.at("class_weight").size(); ++i) {
      options.class_weight[i] = data.at("class_weight").flat(i);
    }
  }
  Logs logs;
  if (options.sample_weight || !options.class_weight.empty()) {
    for (const auto& [name, values] : model.fit(x, y, options).history) logs[name] = values.at(0);
    return logs;
  }
  const std::vector<double> values = model.train_on_batch(x, y);
  for (std::size_t i = 0; i < values.size(); ++i) logs[model.metrics_names()[i]] = values[i];
  return logs;
}

void check_close(const std::string& what, double got, double expected, double tolerance) {
  INFO(what, " ", got, " expected ", expected);
  CHECK(std::abs(got - expected) <= tolerance * std::abs(expected));
}

// |difference| over |total update|, for each tensor.
void check_weights(const Model& model, const std::string& file, double tolerance) {
  const std::vector<Array> got = model.get_weights(), before = numbered(file, "w"),
                           after = numbered(file, "v");
  REQUIRE(got.size() == after.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("weight ", i);
    const Array start = before[i].astype(float64);
    CHECK(norm_difference(got[i].astype(float64) - start, after[i].astype(float64) - start) <=
          tolerance);
  }
}

void check_run(const Run& run, DType dtype) {
  const std::string file = run.file(dtype);
  INFO(file);
  const FloatxGuard guard(dtype);
  const bool exact = dtype == float64;
  const double tolerance = exact ? run.float64_tolerance : Tolerance::kFloat32Keras;
  Sequential model = run.compiled(dtype);
  const std::int64_t samples = golden(file, "x").dim(0);
  const auto batch_size = static_cast<std::int64_t>(golden(file, "batch_size").flat(0));
  const Array& loss = golden(file, "loss");
  std::int64_t begin = 0;
  for (std::int64_t i = 0; i < loss.size(); ++i) {
    const std::int64_t end = std::min(begin + batch_size, samples);
    for (const auto& [name, value] : step(model, file, begin, end)) {
      check_close(name + " of step " + std::to_string(i), value, golden(file, name).flat(i),
                  tolerance);
    }
    begin = end == samples ? 0 : end;
  }
  CHECK(model.optimizer().iterations() == loss.size());
  check_weights(model, file, exact ? tolerance : Tolerance::kFloat32Update);
}

// The epoch's mean over samples of a value measured per batch.
double epoch_mean(const std::string& file, const std::string& name, std::int64_t epoch) {
  const std::int64_t samples = golden(file, "x").dim(0), steps = golden(file, name).size() /
      static_cast<std::int64_t>(golden(file, "epochs").flat(0));
  const auto batch_size = static_cast<std::int64_t>(golden(file, "batch_size").flat(0));
  double total = 0;
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t count = std::min(batch_size, samples - i * batch_size);
    total += golden(file, name).flat(epoch * steps + i) * static_cast<double>(count);
  }
  return total / static_cast<double>(samples);
}

}  // namespace

TEST_CASE("20 training steps are Keras', float64: losses, metrics and weights") {
  for (const Run& run : kRuns) check_run(run, float64);
}

TEST_CASE("20 training steps are Keras', float32: losses, metrics and weights") {
  for (const Run& run : kRuns) check_run(run, float32);
}

TEST_CASE("fit over all epochs is the same training") {
  for (const char* name : {"mlp_adam", "cnn_adam", "binary_sgd"}) {
    const Run& run = *std::ranges::find(kRuns, std::string_view(name),
                                        [](const Run& r) { return std::string_view(r.name); });
    const std::string file = run.file(float32);
    INFO(file);
    const auto& data = golden(file);
    Sequential model = run.compiled(float32);
    FitOptions options{.batch_size = static_cast<std::int64_t>(data.at("batch_size").flat(0)),
                       .epochs = static_cast<std::int64_t>(data.at("epochs").flat(0)),
                       .verbose = 0,
                       .shuffle = false};
    if (data.contains("sample_weight")) options.sample_weight = data.at("sample_weight");
    const History history = model.fit(data.at("x"), data.at("y"), options);
    check_weights(model, file, Tolerance::kFloat32Update);
    for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
      for (const char* key : {"loss", "accuracy"}) {
        check_close(key, history.history.at(key).at(static_cast<std::size_t>(epoch)),
                    epoch_mean(file, key, epoch), Tolerance::kFloat32Keras);
      }
    }
  }
}
