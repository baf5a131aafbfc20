#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/input.hpp>
#include <banach/layers/symbolic.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;

TEST_CASE("a layer called on Input() is built and gives the shapes to come") {
  Dense dense(3);
  const Tensor x = Input({4}), y = dense(x);
  CHECK(dense.is_built());
  CHECK(y.shape() == Shape{kUnknown, 3});
  CHECK(layer_call(y).layer->id() == dense.id());
  CHECK(is_symbolic({x, y}));
  CHECK_FALSE(is_symbolic({constant(1.0, float32)}));
}

TEST_CASE("tensors of a trace and of a functional model do not mix") {
  CHECK_THROWS_AS(is_symbolic({Input({4}), constant(1.0, float32)}), InvalidArgument);
  CHECK_THROWS_AS(layer_call(constant(1.0, float32)), InvalidArgument);
}
