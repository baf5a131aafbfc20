#include <banach/layers/identity.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("Identity passes the harness and changes nothing") {
  const Array x = normal_array({4, 3, 2}, 1);
  Identity identity;
  check_layer(identity, x);
  CHECK(max_abs_difference(identity(x), x) == 0);
}
