#pragma once

#include <banach/core/dtype.hpp>
#include <tests/support/tolerance.hpp>

namespace banach::testing {

struct Half {
  DType dtype;
  double tolerance;
};
/// The types that are stored in two bytes.
inline constexpr Half kHalves[] = {{bfloat16, Tolerance::kBfloat16},
                                   {float16, Tolerance::kFloat16}};

}  // namespace banach::testing
