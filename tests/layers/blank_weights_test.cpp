#include <banach/core/errors.hpp>
#include <banach/layers/blank_weights.hpp>
#include <banach/layers/dense.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;

TEST_CASE("layers built meanwhile get zeros, up to the limit") {
  Dense inside(3, {.kernel_initializer = "ones"}), outside(3, {.kernel_initializer = "ones"});
  {
    const BlankWeights blank(64);
    inside.compute_output_shape({kUnknown, 4});
    Dense large(5, {.name = "d"});
    CHECK_THROWS_WITH_AS(large.compute_output_shape({kUnknown, 4}),
                         doctest::Contains("[d] expected weights of at most"), InvalidArgument);
    Dense beyond(std::int64_t{1} << 62, {.name = "e"});
    CHECK_THROWS_WITH_AS(beyond.compute_output_shape({kUnknown, 4}), doctest::Contains("[e]"),
                         InvalidArgument);
  }
  outside.compute_output_shape({kUnknown, 4});
  CHECK(inside.get_weights()[0].flat(0) == 0);
  CHECK(outside.get_weights()[0].flat(0) == 1);
}
