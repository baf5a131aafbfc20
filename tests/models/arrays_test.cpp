#include <banach/core/errors.hpp>
#include <banach/models/arrays.hpp>

#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("arrays come in order or by name") {
  const Array a = Array::of<float>({1}), b = Array::of<float>({2});
  CHECK(Arrays(a).in_order({"x"}, "fit", "x")[0].flat(0) == 1);
  CHECK(Arrays({a, b}).in_order({"p", "q"}, "fit", "x")[1].flat(0) == 2);
  CHECK(Arrays({{"q", a}, {"p", b}}).in_order({"p", "q"}, "fit", "x")[0].flat(0) == 2);
  CHECK_THROWS_WITH_AS(Arrays(a).in_order({"p", "q"}, "fit", "x"),
                       "[fit] expected 2 arrays for x (p, q), received 1", InvalidArgument);
  CHECK_THROWS_WITH_AS(Arrays({{"q", a}, {"r", b}}).in_order({"p", "q"}, "fit", "x"),
                       "[fit] no array for x 'p', received q, r", InvalidArgument);
}
