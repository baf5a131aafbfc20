#include <banach/core/errors.hpp>
#include <banach/layers/dense.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("Dense passes the harness") {
  Dense dense(3, {.activation = "selu"}), without_bias(3, {.use_bias = false});
  check_layer(dense, normal_array({4, 5}, 1));
  check_layer(without_bias, normal_array({4, 2, 5}, 1));
}

TEST_CASE("Dense is Keras' in values and gradients, also on inputs of rank 3") {
  check_golden("dense_selu", [] { return Dense(6, {.activation = "selu"}); });
  check_golden("dense_rank3", [] { return Dense(5, {.activation = "tanh"}); });
}

TEST_CASE("Dense has Keras' weights and initializers") {
  Dense dense(256, {.name = "hidden"});
  dense.compute_output_shape({kUnknown, 300});
  REQUIRE(dense.weights().size() == 2);
  CHECK(dense.weights()[0].name() == "hidden/kernel");
  CHECK(dense.weights()[1].name() == "hidden/bias");
  const Array kernel = dense.get_weights()[0];
  CHECK(kernel.shape() == Shape{300, 256});
  CHECK(variance(kernel) == doctest::Approx(2.0 / 556).epsilon(0.05));  // glorot_uniform
  CHECK(max_abs_difference(dense.get_weights()[1], Array({256})) == 0);
}

TEST_CASE("two layers with one initializer start differently") {
  const Initializer lecun = initializers::LecunNormal();
  Dense first(8, {.kernel_initializer = lecun}), second(8, {.kernel_initializer = lecun});
  first.compute_output_shape({kUnknown, 8});
  second.compute_output_shape({kUnknown, 8});
  CHECK(max_abs_difference(first.get_weights()[0], second.get_weights()[0]) > 0);
}

TEST_CASE("Dense says what is wrong") {
  CHECK_THROWS_WITH_AS(Dense(0), "[Dense] units must be at least 1, received 0", InvalidArgument);
  Dense dense(2, {.name = "d"});
  dense.compute_output_shape({kUnknown, 3});
  CHECK_THROWS_WITH_AS(dense(Array({5, 4})),
                       "[d] expected an input whose last axis is 3 (kernel is (3, 2)), received "
                       "(None, 4).",
                       InvalidArgument);
  Dense late(2, {.name = "late"});
  CHECK_THROWS_WITH_AS(late.compute_output_shape({kUnknown}),
                       "[late] expected an input (batch, ..., n) with a known last axis, received "
                       "(None,)",
                       InvalidArgument);
}
