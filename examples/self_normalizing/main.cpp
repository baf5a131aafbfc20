// Does a network normalize itself? Told before training, by its layers; watched while it trains, by
// what they give.
#include <banach/banach.hpp>

#include <cmath>
#include <fmt/core.h>

using namespace banach;
using namespace banach::layers;

// Digits as rows of mean 0 and variance 1.
static std::pair<Array, Array> digits(std::int64_t count) {
  const auto [train, test] = datasets::mnist::load_data();
  const Array x = train.first.slice(0, count).reshape({count, 784}).astype(float32);
  return {(x - mean(x)) / std::sqrt(variance(x)), train.second.slice(0, count)};
}

static Sequential deep_network(int depth) {
  Sequential model({Input({784})}, {.name = "deep"});
  for (int i = 1; i <= depth; ++i) {
    model.add(Dense(64, {.activation = "selu",
                         .kernel_initializer = "lecun_normal",
                         .name = fmt::format("hidden_{}", i)}));
  }
  model.add(Dense(10, {.activation = "softmax", .name = "digit"}));
  return model;
}

int main() {
  utils::set_random_seed(1);

  // Written without knowing what belongs to SELU.
  const Sequential careless(
      {Input({784}), Dense(64, {.activation = "selu", .name = "first"}),
       Dropout(0.2, {.name = "drop"}), Dense(64, {.activation = "selu", .name = "second"}),
       Dense(10, {.activation = "softmax", .name = "digit"})},
      {.name = "careless"});
  fmt::print("{}\n", snn::check(careless).str());

  // With what belongs to it: what theory expects of each layer.
  Sequential model = deep_network(16);
  model.summary({.expand_snn = true});

  model.compile({.loss = "sparse_categorical_crossentropy",
                 .optimizer = optimizers::SGD(0.003),
                 .metrics = {"accuracy"}});
  const auto [x, y] = digits(5000);
  const History history =
      model.fit(x, y,
                {.epochs = 3,
                 .verbose = 2,
                 .callbacks = {callbacks::ActivationMonitor(
                     x.slice(0, 500), {.layers = {"hidden_1", "hidden_8", "hidden_16"}})}});
  for (const char* layer : {"hidden_1", "hidden_8", "hidden_16"}) {
    fmt::print("{:<10} after each epoch:", layer);
    for (std::size_t epoch = 0; epoch < history.epoch.size(); ++epoch) {
      fmt::print("  mean {:5.2f} variance {:.2f}",
                 history.history.at(fmt::format("{}/mean", layer))[epoch],
                 history.history.at(fmt::format("{}/variance", layer))[epoch]);
    }
    fmt::print("\n");
  }

  // Another fixed point than mean 0 and variance 1.
  const snn::FixedPoint wide{.mean = 0, .variance = 2};
  Array z = initializers::RandomNormal(0, 1)({1000, 256});
  for (int i = 0; i < 50; ++i) {
    z = Dense(256,
              {.activation = activations::Selu(wide), .kernel_initializer = "lecun_normal"})(z);
    z = AlphaDropout(0.05, {.fixed_point = wide})(z, {.training = true});
  }
  fmt::print("after 50 layers for variance 2: mean {:.2f}, variance {:.2f}\n", mean(z),
             variance(z));
}
