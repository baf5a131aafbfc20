// A user's program against the installed package: the digits that came with it, a small network.
#include <banach/banach.hpp>

#include <cstdio>

using namespace banach;
using namespace banach::layers;

int main() {
  utils::set_random_seed(1);
  // From a server that does not exist: the digits must be found where they were installed.
  auto [train, test] = datasets::mnist::load_data({.base_url = "http://127.0.0.1:9/"});
  const Array x = train.first.slice(0, 5000).astype(float32) / 255;
  const Array y = train.second.slice(0, 5000);

  Sequential model;
  model.add(Flatten({.input_shape = Shape{28, 28}}));
  model.add(Dense(32, {.activation = "selu", .kernel_initializer = "lecun_normal"}));
  model.add(Dense(10, {.activation = "softmax"}));
  model.compile({.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const auto untrained = model.evaluate(x, y, {.verbose = 0});
  model.fit(x, y, {.epochs = 3, .verbose = 0});
  const auto trained = model.evaluate(x, y, {.verbose = 0});

  std::printf("accuracy %.3f before, %.3f after\n", untrained[1], trained[1]);
  return trained[1] > 0.85 ? 0 : 1;
}
