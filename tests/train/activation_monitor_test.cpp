#include <banach/core/errors.hpp>
#include <banach/formats/event_file.hpp>
#include <banach/formats/file.hpp>
#include <banach/train/activation_monitor.hpp>
#include <doctest/doctest.h>
#include <tests/support/captured_output.hpp>
#include <tests/support/check_layer.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/temp_dir.hpp>

#include <cmath>
#include <filesystem>
#include <set>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;
using callbacks::ActivationMonitor;
using doctest::Contains;

namespace {

using Values = std::map<std::string, std::vector<double>>;

Sequential classifier() {
  Sequential model(
      {Input({6}),
       Dense(8, {.activation = "selu", .kernel_initializer = "lecun_normal", .name = "hidden"}),
       AlphaDropout(0.1, {.name = "drop"}), Dense(3, {.activation = "softmax", .name = "kind"})});
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::SGD(0.1),
                 .metrics = {"accuracy"}});
  return model;
}

Values fit(Sequential model, const Samples& s, const Callbacks& callbacks,
           std::int64_t epochs = 2) {
  return model
      .fit(s.x, s.y, {.batch_size = 16, .epochs = epochs, .verbose = 0, .callbacks = callbacks})
      .history;
}

// The share of values below 0.99 of SELU's limit.
double saturated(const Array& values) {
  double count = 0;
  for (const float value : values.values<float>()) count += value < -0.99F * 1.7580993F ? 1 : 0;
  return count / static_cast<double>(values.size());
}

std::string text_of(const std::string& path) {
  const formats::Bytes bytes = formats::read_file(path);
  return std::string(formats::as_text(bytes));
}

}  // namespace

TEST_CASE("the logs hold the moments of what layers give after each epoch") {
  utils::set_random_seed(1);
  Sequential model = classifier();
  const Samples s = make_samples(60, {6}, 3);
  std::vector<Array> outputs;
  const Array x = s.x * 20;
  const callbacks::LambdaCallback keep({.on_epoch_end = [&](std::int64_t, Logs&) {
    outputs.push_back(Model(model.inputs()[0], model.layer_output("hidden")).predict(x));
  }});
  const Values history = fit(model, s, {keep, ActivationMonitor(x)});
  REQUIRE(outputs.size() == 2);
  std::set<std::string> names;
  for (const auto& [name, values] : history) {
    CHECK(values.size() == 2);
    names.insert(name);
  }
  CHECK(names == std::set<std::string>{"accuracy", "loss", "hidden/mean", "hidden/variance",
                                       "hidden/saturation", "kind/mean", "kind/variance"});
  for (std::size_t epoch = 0; epoch < 2; ++epoch) {
    const double share = saturated(outputs[epoch]);
    CHECK(share > 0.1);
    CHECK(history.at("hidden/saturation")[epoch] == doctest::Approx(share));
    CHECK(history.at("hidden/mean")[epoch] == doctest::Approx(mean(outputs[epoch])).epsilon(1e-5));
    CHECK(history.at("hidden/variance")[epoch] ==
          doctest::Approx(variance(outputs[epoch])).epsilon(1e-5));
    CHECK(history.at("kind/mean")[epoch] == doctest::Approx(1. / 3));
  }
  CHECK(history.at("hidden/variance")[0] != history.at("hidden/variance")[1]);
}

TEST_CASE("the gradient's norm is what a step of SGD moves the weights by") {
  utils::set_random_seed(2);
  Sequential model({Input({6}),
                    Dense(5, {.activation = "selu",
                              .kernel_initializer = "lecun_normal",
                              .kernel_regularizer = regularizers::L2(0.1),
                              .name = "hidden"}),
                    Dense(3, {.activation = "softmax", .name = "kind"})});
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::SGD(0.5),
                 .metrics = {"accuracy"}});
  const Samples s = make_samples(32, {6}, 3);
  const double loss = model.evaluate(s.x, s.y, {.verbose = 0})[0];
  const Values history = fit(model, s, {ActivationMonitor(s.x, {.y = s.y})}, 1);
  const std::vector<Array> before = model.get_weights();
  model.train_on_batch(s.x, s.y);  // the batch that was monitored, from the same weights
  const std::vector<Array> after = model.get_weights();
  for (const std::size_t layer : {0, 1}) {
    double squares = 0;
    for (const std::size_t i : {2 * layer, 2 * layer + 1}) {
      for (std::int64_t k = 0; k < before[i].size(); ++k) {
        squares += std::pow((before[i].flat(k) - after[i].flat(k)) / 0.5, 2);
      }
    }
    const char* name = layer == 0 ? "hidden/gradient_norm" : "kind/gradient_norm";
    CHECK(history.at(name)[0] == doctest::Approx(std::sqrt(squares)).epsilon(1e-4));
  }
  CHECK(history.at("loss")[0] < 1.5 * loss);
}

TEST_CASE("monitoring changes neither the training nor its metrics") {
  const Samples s = make_samples(60, {6}, 3);
  const auto train = [&](const Callbacks& callbacks) {
    utils::set_random_seed(3);
    return fit(classifier(), s, callbacks);
  };
  const Values plain = train({}), monitored = train({ActivationMonitor(s.x, {.y = s.y})});
  CHECK(monitored.at("loss") == plain.at("loss"));
  CHECK(monitored.at("accuracy") == plain.at("accuracy"));
}

TEST_CASE("the progress bar keeps its line, CSVLogger and TensorBoard get the values") {
  const Samples s = make_samples(60, {6}, 3);
  const TempDir dir;
  Sequential model = classifier();
  std::string printed;
  {
    const CapturedOutput output;
    model.fit(s.x, s.y,
              {.callbacks = {ActivationMonitor(s.x, {.log_dir = dir / "logs"}),
                             callbacks::CSVLogger(dir / "log.csv"),
                             callbacks::TensorBoard(dir / "logs")}});
    printed = output.text();
  }
  CHECK(printed.find("accuracy: ") != std::string::npos);
  CHECK(printed.find("mean") == std::string::npos);
  CHECK(text_of(dir / "log.csv").find("hidden/mean,hidden/saturation") != std::string::npos);
  const auto tags = [&](const std::string& run) {
    std::set<std::string> result;
    for (const auto& file : std::filesystem::directory_iterator(dir / run)) {
      formats::EventReader reader(file.path().string());
      while (const auto event = reader.next()) {
        for (const auto& summary : event->summaries) result.insert(summary.tag);
      }
    }
    return result;
  };
  CHECK(tags("logs/train").contains("epoch_hidden/variance"));
  CHECK(tags("logs/activations") ==
        std::set<std::string>{"hidden/activations", "kind/activations"});
}

TEST_CASE("64 layers of SELU and LecunNormal keep mean and variance, each layer monitored") {
  constexpr std::int64_t kWidth = 256;
  constexpr std::uint64_t kSeeds[] = {1, 2, 3, 4};
  double last_mean = 0, last_variance = 0, log_growth = 0;
  for (const std::uint64_t seed : kSeeds) {
    utils::set_random_seed(seed);
    Sequential model(SequentialOptions{.input_shape = Shape{kWidth}});
    for (int i = 1; i <= 64; ++i) {
      model.add(Dense(kWidth, {.activation = "selu",
                               .kernel_initializer = "lecun_normal",
                               .name = "layer" + std::to_string(i)}));
    }
    model.compile({.loss = "mse", .optimizer = optimizers::SGD(0.)});
    const Array x = normal_array({kWidth, kWidth}, seed);
    // The gradients of one sample, the moments of all.
    const ActivationMonitor gradients(x.slice(0, 1), {.y = x.slice(1, 2)});
    const Values h = fit(model, {x, x}, {gradients, ActivationMonitor(x)}, 1);
    for (int i = 1; i <= 64; ++i) {
      const double v = h.at("layer" + std::to_string(i) + "/variance")[0];
      CHECK(v > 0.8);
      CHECK(v < 1.5);
    }
    last_mean += h.at("layer64/mean")[0] / std::size(kSeeds);
    last_variance += h.at("layer64/variance")[0] / std::size(kSeeds);
    log_growth += 2 * std::log(h.at("layer1/gradient_norm")[0] / h.at("layer64/gradient_norm")[0]);
  }
  CHECK(last_mean >= -0.036);
  CHECK(last_mean <= 0.009);
  CHECK(last_variance >= 0.96);
  CHECK(last_variance <= 1.04);
  // One sample's weight gradient has the square norm |inputs|^2 |gradient by the sums|^2, of which
  // the first does not change. A layer's factor has a relative deviation of some sqrt(4 / 256), so
  // the logarithm over 63 layers and 4 seeds is off by about 0.5.
  CHECK(std::abs(log_growth / std::size(kSeeds) - std::log(snn::gradient_growth(63))) < 1);
}

TEST_CASE("what does not fit the model is refused before the first step") {
  const Samples s = make_samples(16, {6}, 3);
  const auto run = [&](const ActivationMonitor& monitor) {
    Sequential model = classifier();
    fit(model, s, {monitor}, 1);
  };
  CHECK_THROWS_WITH_AS(run(ActivationMonitor(s.x, {.layers = {"hiden"}})),
                       Contains("[ActivationMonitor] no layer 'hiden'. Did you mean 'hidden'?"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(run(ActivationMonitor(Array({4, 5}))), Contains("ActivationMonitor"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(run(ActivationMonitor(s.x, {.y = Array({16, 2})})),
                       Contains("received (16, 2) and (16, 3)"), InvalidArgument);
  const Values named = fit(classifier(), s, {ActivationMonitor(s.x, {.layers = {"drop"}})}, 1);
  CHECK(named.contains("drop/mean"));
  CHECK_FALSE(named.contains("hidden/mean"));
}
