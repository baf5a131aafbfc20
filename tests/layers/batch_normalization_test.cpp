#include <banach/core/errors.hpp>
#include <banach/layers/batch_normalization.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("BatchNormalization passes the harness") {
  BatchNormalization rank2, rank4;
  BatchNormalization plain({.center = false, .scale = false});
  check_layer(rank2, normal_array({8, 3}, 1));
  check_layer(rank4, normal_array({2, 3, 4, 3}, 1));
  check_layer(plain, normal_array({8, 3}, 1));
}

TEST_CASE("BatchNormalization is Keras' in values, gradients and moving statistics") {
  const auto make = [] { return BatchNormalization(); };
  check_golden("batchnorm_train", make, true);
  check_golden("batchnorm_train_rank4", make, true);
  check_golden("batchnorm_infer", make);
  check_golden("batchnorm_infer_rank4", make);
}

TEST_CASE("BatchNormalization has Keras' weights") {
  BatchNormalization layer({.name = "bn"});
  layer.compute_output_shape({kUnknown, 4});
  std::vector<std::string> names;
  for (const Variable& weight : layer.weights()) names.push_back(weight.name());
  CHECK(names ==
        std::vector<std::string>{"bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance"});
  CHECK(layer.trainable_weights().size() == 2);
  CHECK(layer.non_trainable_weights().size() == 2);
  BatchNormalization plain({.center = false, .scale = false});
  plain.compute_output_shape({kUnknown, 4});
  CHECK(plain.trainable_weights().empty());
}

TEST_CASE("BatchNormalization in training gives mean 0 and variance 1; frozen it only infers") {
  const Array x = normal_array({512, 3}, 3) * 4 + 7;
  BatchNormalization layer;
  const Array y = layer(x, {.training = true});
  CHECK(std::abs(mean(y)) <= 1e-5);
  CHECK(variance(y) == doctest::Approx(1).epsilon(1e-3));
  const std::vector<Array> weights = layer.get_weights();
  CHECK(mean(weights[2]) == doctest::Approx(mean(x) * 0.01).epsilon(1e-3));

  layer.set_trainable(false);
  CHECK(max_abs_difference(layer(x, {.training = true}), layer(x)) == 0);
  CHECK(max_abs_difference(layer.get_weights()[2], weights[2]) == 0);
}

TEST_CASE("BatchNormalization says what is wrong") {
  CHECK_THROWS_WITH_AS(BatchNormalization({.momentum = 2}),
                       "[BatchNormalization] expected epsilon > 0 and momentum in [0, 1], received "
                       "epsilon=0.001 momentum=2",
                       InvalidArgument);
  BatchNormalization layer({.name = "bn"});
  layer.compute_output_shape({kUnknown, 4});
  CHECK_THROWS_WITH_AS(layer(Array({2, 3})),
                       "[bn] expected an input whose last axis is 4, received (None, 3)",
                       InvalidArgument);
}
