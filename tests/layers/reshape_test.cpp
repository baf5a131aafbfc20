#include <banach/core/errors.hpp>
#include <banach/layers/reshape.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("Flatten and Reshape pass the harness") {
  const Array x = normal_array({4, 3, 2, 2}, 1);
  Flatten flatten;
  Reshape open({-1, 3}), closed({2, 6});
  check_layer(flatten, x);
  check_layer(open, x);
  check_layer(closed, x);
}

TEST_CASE("Flatten and Reshape keep the batch and the row-major order, as Keras") {
  const Array x = normal_array({4, 3, 2, 2}, 2);
  CHECK(max_abs_difference(Flatten()(x), x.reshape({4, 12})) == 0);
  CHECK(max_abs_difference(Reshape({-1, 3})(x), x.reshape({4, 4, 3})) == 0);
  CHECK(Flatten().compute_output_shape({kUnknown, 26, 26, 32}).str() == "(None, 21632)");
  CHECK(Flatten().compute_output_shape({kUnknown, 5}).str() == "(None, 5)");
  CHECK(Flatten().compute_output_shape({kUnknown}).str() == "(None, 1)");
  CHECK(Reshape({-1, 3}).compute_output_shape({kUnknown, 6}).str() == "(None, 2, 3)");
}

TEST_CASE("Permute passes the harness and is Keras'") {
  Permute permute({2, 3, 1});
  check_layer(permute, normal_array({4, 3, 2, 5}, 1));
  check_more_golden("permute", [] { return Permute({3, 1, 2}); });
  CHECK(Permute({2, 1}).compute_output_shape({kUnknown, 3, 4}).str() == "(None, 4, 3)");
}

TEST_CASE("Permute says what is wrong") {
  CHECK_THROWS_WITH_AS(Permute({0, 1}),
                       "[Permute] dims must be 1 to 2 in any order, received [0, 1]",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(Permute({2, 1}, {.name = "p"}).compute_output_shape({kUnknown, 3}),
                       "[p] expected an input of 3 axes for dims [2, 1], received (None, 3)",
                       InvalidArgument);
}

TEST_CASE("Reshape says what is wrong") {
  CHECK_THROWS_WITH_AS(Reshape({-1, -1}),
                       "[Reshape] at most one dimension may be -1, received (None, None)",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(
      Reshape({2, 5}, {.name = "r"}).compute_output_shape({kUnknown, 3, 4}),
      "[r] expected 10 values a sample for target_shape (2, 5), received an input (None, 3, 4) "
      "with 12",
      InvalidArgument);
}
