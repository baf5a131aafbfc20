#include <banach/layers/registry.hpp>
#include <doctest/doctest.h>
#include <tests/models/keras_nets.hpp>
#include <tests/support/floatx_guard.hpp>

#include <algorithm>

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

// With a schedule, weight decay and clipping.
Optimizer adamw(DType dtype) {
  const auto rounded = [dtype](double value) { return constant_for(dtype, value); };
  return optimizers::AdamW(
      optimizers::schedules::CosineDecay(
          0.001, 14, {.alpha = 0.25, .warmup_target = rounded(0.02), .warmup_steps = 4}),
      {.weight_decay = rounded(0.05),
       .beta_1 = rounded(0.9),
       .beta_2 = rounded(0.999),
       .global_clipnorm = 0.5});
}

const Run kRuns[] = {
    {"mlp_sgd", mlp_net, "categorical_crossentropy", sgd},
    {"mlp_momentum", mlp_net, "categorical_crossentropy", momentum<false>},
    {"mlp_nesterov", mlp_net, "categorical_crossentropy", momentum<true>},
    {"mlp_adam", mlp_net, "categorical_crossentropy", adam_for},
    {"mlp_adamw", mlp_net, "categorical_crossentropy", adamw},
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
    {"classweight_adam", classweight_net, "sparse_categorical_crossentropy", adam_for},
    {"regularized", regularized_net, "categorical_crossentropy",
     [](DType) { return optimizers::SGD(0.05); }}};

std::int64_t number(const std::string& file, const char* key) {
  return static_cast<std::int64_t>(golden(file, key).flat(0));
}

// For samples [begin, end) of a file in their order, with their weights.
FitOptions options_for(const std::string& file, std::int64_t begin, std::int64_t end) {
  const auto& data = golden(file);
  FitOptions options{.batch_size = number(file, "batch_size"), .verbose = 0, .shuffle = false};
  if (data.contains("sample_weight")) {
    options.sample_weight = data.at("sample_weight").slice(begin, end);
  }
  for (std::int64_t i = 0; data.contains("class_weight") && i < 3; ++i) {
    options.class_weight[i] = data.at("class_weight").flat(i);
  }
  return options;
}

// What one step on samples [begin, end) measures: by fit() where they have weights.
Logs step(Model& model, const std::string& file, std::int64_t begin, std::int64_t end) {
  const Array x = golden(file, "x").slice(begin, end), y = golden(file, "y").slice(begin, end);
  const FitOptions options = options_for(file, begin, end);
  Logs logs;
  if (options.sample_weight || !options.class_weight.empty()) {
    for (const auto& [name, values] : model.fit(x, y, options).history) logs[name] = values.at(0);
    return logs;
  }
  const std::vector<double> values = model.train_on_batch(x, y);
  for (std::size_t i = 0; i < values.size(); ++i) logs[model.metrics_names()[i]] = values[i];
  return logs;
}

// The bias before train_bn_adam's BatchNormalization has gradient 0: its updates are rounding
// errors that Adam normalises, in Keras too (1e-12 in float64, 5e-4 in float32), and in float32 the
// moving mean follows them. Below, a test of its own checks what is determined.
bool is_noise(const std::string& file, std::size_t weight) {
  return (file == "train_bn_adam_f64.npz" && weight == 1) ||
         (file == "train_bn_adam.npz" && (weight == 1 || weight == 4));
}

void check_weights(const Model& model, const std::string& file, double tolerance) {
  const std::vector<Array> got = model.get_weights(), before = numbered(file, "w"),
                           after = numbered(file, "v");
  REQUIRE(got.size() == after.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("weight ", i);
    if (is_noise(file, i)) continue;
    check_update(got[i], before[i], after[i], tolerance);
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
  const std::int64_t batch_size = number(file, "batch_size");
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
  const std::int64_t samples = golden(file, "x").dim(0), batch_size = number(file, "batch_size");
  const std::int64_t steps = golden(file, name).size() / number(file, "epochs");
  double total = 0;
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t count = std::min(batch_size, samples - i * batch_size);
    total += golden(file, name).flat(epoch * steps + i) * static_cast<double>(count);
  }
  return total / static_cast<double>(samples);
}

void check_fit(const Run& run, DType dtype) {
  const std::string file = run.file(dtype);
  INFO(file);
  const FloatxGuard guard(dtype);
  const double tolerance = dtype == float64 ? run.float64_tolerance : Tolerance::kFloat32Keras;
  const Array &x = golden(file, "x"), &y = golden(file, "y");
  Sequential model = run.compiled(dtype);
  FitOptions options = options_for(file, 0, x.dim(0));
  options.epochs = number(file, "epochs");
  const History history = model.fit(x, y, options);
  check_weights(model, file, dtype == float64 ? tolerance : Tolerance::kFloat32Update);
  for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    for (const std::string& key : {std::string("loss"), run.metrics[0].name()}) {
      check_close(key, history.history.at(key).at(static_cast<std::size_t>(epoch)),
                  epoch_mean(file, key, epoch), tolerance);
    }
  }
}

}  // namespace

TEST_CASE("20 training steps are Keras', float64: losses, metrics and weights") {
  for (const Run& run : kRuns) check_run(run, float64);
}

TEST_CASE("20 training steps are Keras', float32: losses, metrics and weights") {
  for (const Run& run : kRuns) check_run(run, float32);
}

TEST_CASE("layers write regularizers and constraints as Keras does, and read them") {
  const Sequential net = regularized_net();
  for (const auto& layer : net.layers()) {
    if (layer->weights().empty()) continue;
    const std::string class_name = layer->class_name();
    CAPTURE(class_name);
    const bool last = layer == net.layers().back();
    const Json& json = golden_config("layers", last ? "dense_1" : to_snake_case(class_name));
    const auto read = deserialize_layer(json);
    const Json& expected = json.at("config");
    int rules = 0;
    for (const auto& item : expected.as_dict()) {
      const std::string& name = item.first;
      if (!name.ends_with("_regularizer") && !name.ends_with("_constraint")) continue;
      CAPTURE(name);
      ++rules;
      CHECK(layer->get_config().at(name) == item.second);
      CHECK(read->get_config().at(name) == item.second);
    }
    CHECK(rules >= 4);
  }
}

TEST_CASE("evaluation adds the penalties, frozen layers have none") {
  Sequential net({layers::Input({2}), layers::Dense(1, {.kernel_regularizer = "l2"})});
  net.compile({.loss = "mse"});
  net.set_weights({Array::full({2, 1}, 3), Array::full({1}, 0)});
  const Array x({4, 2}), y({4, 1});
  CHECK(net.evaluate(x, y, {.verbose = 0})[0] == doctest::Approx(0.01 * 2 * 9));
  Sequential frozen({layers::Input({2}), net.layers()[0]});
  frozen.set_trainable(false);
  frozen.compile({.loss = "mse"});
  CHECK(frozen.evaluate(x, y, {.verbose = 0})[0] == 0);
}

TEST_CASE("fit over all epochs is the same training") {
  for (const Run& run : kRuns) check_fit(run, float64);
  for (const Run& run : kRuns) check_fit(run, float32);
}

TEST_CASE("a bias before BatchNormalization has no gradient; without its noise all is Keras'") {
  const std::string file = "train_bn_adam_f64.npz";
  const std::vector<Array> before = numbered(file, "w"), after = numbered(file, "v");
  CHECK(max_abs_difference(before[1], after[1]) <= Tolerance::kFloat64);
  for (const DType dtype : {float64, float32}) {
    INFO(std::string(name_of(dtype)));
    const FloatxGuard guard(dtype);
    Sequential model = bn_net();
    model.weights()[1].set_trainable(false);
    model.compile({.loss = "categorical_crossentropy", .optimizer = adam_for(float64)});
    model.set_weights(before);
    model.fit(golden(file, "x"), golden(file, "y"),
              {.batch_size = 16, .epochs = 4, .verbose = 0, .shuffle = false});
    const std::vector<Array> got = model.get_weights();
    CHECK(max_abs_difference(got[1].astype(float64), before[1]) == 0);
    for (const std::size_t i : {0, 2, 3, 4, 5, 6, 7}) {
      INFO("weight ", i);
      check_update(got[i], before[i], after[i],
                   dtype == float64 ? Tolerance::kFloat64 : Tolerance::kFloat32Update);
    }
  }
}
