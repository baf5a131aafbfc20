#include <banach/core/errors.hpp>
#include <banach/layers/activations.hpp>
#include <tests/layers/golden_layer.hpp>

#include <cmath>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("layers of activations pass the harness") {
  const Array x = normal_array({4, 3, 5}, 1);
  ReLU relu, all(1.5, {.negative_slope = 0.1, .threshold = 0.3});
  LeakyReLU leaky;
  ELU elu;
  Softmax softmax(1);
  PReLU prelu({.shared_axes = {1}});
  check_layer(relu, x);
  check_layer(all, x);
  check_layer(leaky, x);
  check_layer(elu, x);
  check_layer(softmax, x);
  check_layer(prelu, x);
}

TEST_CASE("ReLU is Keras' in values and gradients, at its bounds too") {
  check_more_golden("relu", [] { return ReLU(); });
  check_more_golden("relu_6", [] { return ReLU(6); });
  check_more_golden("relu_max", [] { return ReLU(4); });
  check_more_golden("relu_slope", [] { return ReLU({}, {.negative_slope = 0.25}); });
  check_more_golden("relu_threshold", [] { return ReLU({}, {.threshold = 2}); });
  check_more_golden("relu_all", [] { return ReLU(4, {.negative_slope = 0.25, .threshold = 2}); });
  check_more_golden("relu_6_slope", [] { return ReLU(6, {.negative_slope = 0.5}); });
}

TEST_CASE("LeakyReLU, ELU, Softmax and PReLU are Keras' in values and gradients") {
  check_more_golden("leaky_relu", [] { return LeakyReLU(0.25); });
  check_more_golden("elu", [] { return ELU(0.5); });
  check_more_golden("softmax_axis", [] { return Softmax(1); });
  check_more_golden("prelu", [] { return PReLU(); });
  check_more_golden("prelu_shared", [] { return PReLU({.shared_axes = {1, 2}}); });
}

TEST_CASE("defaults are Keras'") {
  const Array x = Array::full({1, 1}, -1);
  CHECK(LeakyReLU()(x).flat(0) == doctest::Approx(-0.3));
  CHECK(ELU()(x).flat(0) == doctest::Approx(std::expm1(-1)));
  CHECK(PReLU()(x).flat(0) == 0);
  PReLU shared({.shared_axes = {1}, .name = "p"});
  shared.compute_output_shape({kUnknown, 3, 5});
  CHECK(shared.weights()[0].name() == "p/alpha");
  CHECK(shared.weights()[0].shape() == Shape{1, 5});
}

TEST_CASE("layers of activations say what is wrong") {
  CHECK_THROWS_WITH_AS(ReLU(-1), "[ReLU] max_value must not be negative, received -1",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(LeakyReLU(-0.5),
                       "[LeakyReLU] negative_slope must not be negative, received -0.5",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(
      PReLU({.shared_axes = {3}, .name = "p"}).compute_output_shape({kUnknown, 3, 5}),
      "[p] shared_axes expected axes from 1 to 2 of an input (None, 3, 5), received 3",
      InvalidArgument);
}

TEST_CASE("LeakyReLU reads TensorFlow 2's config too") {
  LeakyReLU layer;
  layer.set_config(Json::dict({{"alpha", 0.5}}));
  CHECK(layer.get_config().find("alpha") == nullptr);
  CHECK(*layer.get_config().find("negative_slope") == Json(0.5));
}
