#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>

#include <cstdlib>
#include <string>
#include <string_view>

using namespace banach;
using namespace banach::testing;

// BANACH_TEST_CASE=conv2d looks at the cases whose names begin so.
TEST_CASE("every op: the GPU and the reference agree, values and gradients, plain and fused") {
  const char* chosen = std::getenv("BANACH_TEST_CASE");
  const std::string_view prefix = chosen != nullptr ? chosen : "";
  for (const OpCase& op_case : op_cases()) {
    CAPTURE(op_case.name);
    if (!op_case.name.starts_with(prefix)) continue;
    try {
      check_backend(op_case, get_backend("cuda:0"));
    } catch (const std::exception& error) {  // the other ops are wanted too
      FAIL_CHECK(op_case.name, ": ", std::string(error.what()));
    }
  }
}
