#include <banach/core/errors.hpp>
#include <banach/layers/activation.hpp>
#include <banach/ops/elementwise.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::testing;

TEST_CASE("Activation passes the harness, by name, function and lambda") {
  const Array x = normal_array({4, 5}, 1);
  layers::Activation selu("selu"), softmax(activations::softmax);
  layers::Activation cube([](const Tensor& t) { return t * t * t; });
  check_layer(selu, x);
  check_layer(softmax, x);
  check_layer(cube, x, false);
}

TEST_CASE("Activation is Keras' for every name") {
  for (const std::string& name : activations::names()) {
    CAPTURE(name);
    layers::Activation layer(name, {.dtype = float64});
    const bool is_swish = name.ends_with("swish");  // Keras' older name of silu
    const std::string key = is_swish ? name.substr(0, name.size() - 5) + "silu" : name;
    const Array& expected = golden("activations.npz", key);
    CHECK(relative_difference(layer(golden("activations.npz", "x")), expected) <=
          Tolerance::kFloat64Rounded);
  }
}

TEST_CASE("Activation says what is wrong") {
  CHECK_THROWS_WITH_AS(layers::Activation("rely"),
                       doctest::Contains("unknown activation 'rely'. Did you mean 'relu'? "),
                       InvalidArgument);
}
