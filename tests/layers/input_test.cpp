#include <banach/core/errors.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/input.hpp>
#include <banach/models/sequential.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("Input passes the harness and gives what it takes") {
  InputLayer input({3, 2});
  const Array x = normal_array({4, 3, 2}, 1);
  check_layer(input, x);
  CHECK(input.class_name() == "InputLayer");
  CHECK(max_abs_difference(input(x), x) == 0);
}

TEST_CASE("a model that starts with Input is built as layers are added") {
  Sequential model({Input({20}), Dense(16), Dense(3)});
  CHECK(model.input_shapes().front().str() == "(None, 20)");
  CHECK(model.layers().size() == 2);  // as in Keras, Input is no layer of the model
  CHECK(model.count_params() == 20 * 16 + 16 + 16 * 3 + 3);
}

TEST_CASE("Input comes first and once") {
  Sequential model({Input({20}), Dense(16)}, {.name = "m"});
  CHECK_THROWS_WITH_AS(model.add(Input({16}, {.name = "again"})),
                       "[m] Input must come first and only once, received 'again' after an input "
                       "of shape (None, 20)",
                       InvalidArgument);
  CHECK(model.layers().size() == 1);
  Sequential late({Dense(16)}, {.name = "late"});
  CHECK_THROWS_WITH_AS(late.add(Input({16}, {.name = "in"})),
                       "[late] Input must come first and only once, received 'in' after 1 layers",
                       InvalidArgument);
}
