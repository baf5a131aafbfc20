// Training with callbacks: it stops when validation no longer improves, takes smaller steps before
// that, and keeps a log and a checkpoint, from which it goes on to the bit.
#include <banach/banach.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/core.h>

using namespace banach;
using namespace banach::layers;

namespace {

// Two moons of n points with noise, and which of them each point is on.
std::pair<Array, Array> two_moons(std::int64_t n) {
  RandomGenerator random(5);
  Array x({n, 2}), y({n, 1});
  auto points = x.mutable_values<float>(), moons = y.mutable_values<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    const double moon = static_cast<double>(i % 2),
                 angle = 3.14159 * random.uniform() + moon * 3.14159;
    points[i * 2] = static_cast<float>(std::cos(angle) + moon + 0.2 * random.normal());
    points[i * 2 + 1] = static_cast<float>(std::sin(angle) + 0.5 * moon + 0.2 * random.normal());
    moons[i] = static_cast<float>(moon);
  }
  return {x, y};
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t epochs = argc > 1 ? std::atoi(argv[1]) : 40;
  const auto [x, y] = two_moons(1000);
  const auto folder = std::filesystem::temp_directory_path() / "banach_callbacks";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "best.keras").string();

  utils::set_random_seed(1);
  const DenseOptions selu{.activation = "selu", .kernel_initializer = "lecun_normal"};
  Sequential model({Input({2}), Dense(32, selu), AlphaDropout(0.05), Dense(32, selu),
                    Dense(1, {.activation = "sigmoid"})});
  model.compile({.loss = "binary_crossentropy",
                 .optimizer = optimizers::Adam(0.01),
                 .metrics = {"accuracy"}});
  const History history =
      model.fit(x, y,
                {.epochs = epochs,
                 .verbose = 2,
                 .callbacks = {callbacks::ReduceLROnPlateau({.factor = 0.5, .patience = 3}),
                               callbacks::ModelCheckpoint(path, {.save_best_only = true}),
                               callbacks::CSVLogger((folder / "log.csv").string()),
                               callbacks::EarlyStopping({.patience = 8, .verbose = 1})},
                 .validation_split = 0.2});
  fmt::print("{} epochs\n", history.epoch.size());

  // The best epoch's model knows how many epochs it has seen, and goes on as it would have.
  const auto best = models::load_model(path);
  const std::int64_t done = best->training_state().epochs;
  const callbacks::LambdaCallback show({.on_epoch_end = [](std::int64_t epoch, Logs& logs) {
    fmt::print("epoch {}: {:.4f}\n", epoch, logs.at("val_loss"));
  }});
  best->fit(x, y,
            {.epochs = done + 2,
             .verbose = 0,
             .callbacks = {show},
             .validation_split = 0.2,
             .initial_epoch = done});
  std::filesystem::remove_all(folder);
}
