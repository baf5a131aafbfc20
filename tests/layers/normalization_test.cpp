#include <banach/core/errors.hpp>
#include <banach/layers/normalization.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

const Array kData = Array::of<float>({1, 10, 2, 10, 3, 10, 6, 10}, {4, 2});  // variances 3.5 and 0

}  // namespace

TEST_CASE("Normalization passes the harness") {
  Normalization fresh, given({.mean = {1, 2}, .variance = {4, 9}}),
      inverted({.mean = {1}, .variance = {4}, .invert = true});
  check_layer(fresh, normal_array({4, 3, 2}, 1));
  check_layer(given, normal_array({4, 3, 2}, 1));
  check_layer(inverted, normal_array({4, 3, 2}, 1));
}

TEST_CASE("Normalization is Keras' in values and gradients, adapted and given, and back") {
  const auto adapted = [](NormalizationOptions options, const std::string& name) {
    return [=] {
      Normalization layer(options);
      layer.adapt(golden("layers_more_f64.npz", name + "/data"));
      return layer;
    };
  };
  check_more_golden("normalization", adapted({}, "normalization"));
  check_more_golden("normalization_invert", adapted({.invert = true}, "normalization_invert"));
  check_more_golden("normalization_given", [] {
    return Normalization({.mean = {0.5, -1, 2}, .variance = {4, 0.25, 0}});
  });
}

TEST_CASE("adapt takes mean and variance of the data, again and for models that have the layer") {
  Normalization layer;
  layer.adapt(kData);
  CHECK(max_abs_difference(layer.get_weights()[0], Array::of<float>({3, 10})) == 0);
  CHECK(max_abs_difference(layer.get_weights()[1], Array::of<float>({3.5F, 0})) == 0);
  CHECK(layer.weights()[2].dtype() == int32);
  CHECK(layer.trainable_weights().empty());
  CHECK(layer(kData).flat(1) == 0);
  layer.adapt(kData * 2);
  CHECK(layer.get_weights()[1].flat(0) == 14);
  const Array many = normal_array({10000, 3}, 1) * 5 + 100;
  Normalization wide;
  wide.adapt(many);
  const Array y = wide(many);
  CHECK(std::abs(mean(y)) < 1e-5);
  CHECK(mean(y * y) == doctest::Approx(1).epsilon(1e-5));
}

TEST_CASE("Normalization says what is wrong") {
  CHECK_THROWS_WITH_AS(
      Normalization({.mean = {1}}),
      "[Normalization] mean and variance must be given together and be of one size, received 1 "
      "and 0 numbers",
      InvalidArgument);
  Normalization given({.mean = {1, 2}, .variance = {1, 1}, .name = "n"});
  CHECK_THROWS_WITH_AS(given(Array({4, 3})), "[n] has 2 means for an input (None, 3)",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(given.adapt(kData), "[n] has mean and variance from its options",
                       InvalidArgument);
  Normalization layer({.name = "n"});
  CHECK_THROWS_WITH_AS(layer.adapt(Array({4})), doctest::Contains("[n] adapt() expected samples"),
                       InvalidArgument);
  layer.adapt(kData);
  CHECK_THROWS_WITH_AS(layer.adapt(Array({4, 3})),
                       "[n] expected data whose last axis is 2, received (4, 3)", InvalidArgument);
}
