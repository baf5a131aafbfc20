#pragma once

#include <doctest/doctest.h>
#include <string>
#include <tests/support/check_op.hpp>
#include <tests/support/tolerance.hpp>

namespace banach::testing {

/// The outputs of a case on the GPU, in float32 and float64, against the reference in float64. What
/// it runs has no casts, no gradients and no fusion: check_backend adds those.
inline void check_forward(const OpCase& op_case) {
  INFO(op_case.name);
  const std::vector<Array> inputs = case_inputs(op_case, 1234);
  const auto expected =
      run_tape(case_tape(op_case, float64, false), inputs, get_backend("reference"));
  for (const DType dtype : {float32, float64}) {
    const auto got = run_tape(case_tape(op_case, dtype, false), inputs, get_backend("cuda:0"));
    const double tolerance = dtype == float64 ? Tolerance::kFloat64 : Tolerance::kFloat32;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      INFO("output ", i);
      CAPTURE(dtype == float64);
      CHECK(relative_difference(got[i], expected[i]) <= tolerance);
    }
  }
}

}  // namespace banach::testing
