#include <banach/core/errors.hpp>
#include <banach/nn/dtype_policy.hpp>
#include <banach/nn/floatx.hpp>

#include <doctest/doctest.h>
#include <tests/support/floatx_guard.hpp>
#include <tests/support/policy_guard.hpp>

using namespace banach;

TEST_CASE("a policy says what is computed in and what weights are kept in") {
  const DTypePolicy mixed("mixed_bfloat16");
  CHECK(mixed.name() == "mixed_bfloat16");
  CHECK(mixed.compute_dtype() == bfloat16);
  CHECK(mixed.variable_dtype() == float32);
  const DTypePolicy half("mixed_float16");
  CHECK(half.name() == "mixed_float16");
  CHECK(half.compute_dtype() == float16);
  CHECK(half.variable_dtype() == float32);
  const DTypePolicy plain = float64;
  CHECK(plain.name() == "float64");
  CHECK(plain.compute_dtype() == float64);
  CHECK(DTypePolicy("bfloat16").variable_dtype() == bfloat16);
  CHECK(DTypePolicy("float16").variable_dtype() == float16);
}

TEST_CASE("the global policy follows floatx until it is set") {
  const testing::FloatxGuard floatx(float64);
  CHECK(config::dtype_policy().name() == "float64");
  const testing::PolicyGuard policy("mixed_bfloat16");
  CHECK(mixed_precision::global_policy().name() == "mixed_bfloat16");
}

TEST_CASE("floatx has no half precision") {
  for (const DType dtype : {bfloat16, float16, int32}) {
    CHECK_THROWS_AS(config::set_floatx(dtype), InvalidArgument);
  }
}

TEST_CASE("policies that do not exist are refused by name") {
  CHECK_THROWS_WITH_AS(DTypePolicy("bf16"),
                       "[DTypePolicy] expected float32, float64, bfloat16, float16, mixed_bfloat16 "
                       "or mixed_float16, received 'bf16'",
                       InvalidArgument);
  CHECK_THROWS_AS(DTypePolicy("int32"), InvalidArgument);
  CHECK_THROWS_AS(DTypePolicy("mixed_float32"), InvalidArgument);
}
