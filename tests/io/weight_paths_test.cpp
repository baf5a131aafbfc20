#include <banach/banach.hpp>
#include <banach/io/weight_paths.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;

TEST_CASE("paths are Keras': containers number their members by class") {
  const Tensor x = Input({3}, {.name = "x"});
  Dense shared(3, {.name = "a"});
  Sequential inner({Input({3}), Dense(3, {.name = "b"}), shared}, {.name = "inner"});
  Model model(x, shared(inner(Dense(3, {.name = "c"})(x))));
  std::vector<std::string> paths, names;
  for (const LayerPath& entry : layer_paths(model)) {
    paths.push_back(entry.path);
    names.push_back(entry.name_path);
  }
  // The shared layer stands where it is met first.
  CHECK(paths == std::vector<std::string>{"", "layers/input_layer", "layers/dense",
                                          "layers/sequential", "layers/sequential/layers/dense",
                                          "layers/sequential/layers/dense_1"});
  CHECK(names == std::vector<std::string>{"", "x", "c", "inner", "inner/b", "inner/a"});
}

TEST_CASE("weights are named by their layers, each once") {
  Sequential model({Input({2}), Dense(3, {.name = "d"}), BatchNormalization({.name = "n"})});
  std::vector<std::string> names;
  for (const auto& [name, weight] : named_weights(model)) names.push_back(name);
  CHECK(names == std::vector<std::string>{"d/kernel", "d/bias", "n/gamma", "n/beta",
                                          "n/moving_mean", "n/moving_variance"});
}
