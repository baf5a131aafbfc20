#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>

using namespace banach;
using namespace banach::testing;

TEST_CASE("every op: backends agree, gradients are right, fused is plain") {
  for (const OpCase& op_case : op_cases()) {
    CAPTURE(op_case.name);
    check_op(op_case);
  }
}
