#include <banach/core/suggest.hpp>
#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("the nearest name is suggested, a far one is not") {
  CHECK(did_you_mean("seluu", {"relu", "selu", "tanh"}) == "Did you mean 'selu'? ");
  CHECK(did_you_mean("xyzxyz", {"relu", "selu", "tanh"}).empty());
  CHECK(join({"a", "b"}) == "a, b");
}
