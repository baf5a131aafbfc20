#pragma once

#include <banach/backend/devices.hpp>
#include <banach/core/array.hpp>

#include <cmath>

namespace banach::testing {

/// |x|, of float64: sums of what cancels have no relative error to speak of.
inline Array positive(Array x) {
  for (double& value : x.mutable_values<double>()) value = std::abs(value);
  return x;
}

/// TF32 for the programs that are made in its scope.
class ShortFractions {
 public:
  ShortFractions() { config::experimental::enable_tensor_float_32_execution(true); }
  ~ShortFractions() { config::experimental::enable_tensor_float_32_execution(false); }
  ShortFractions(const ShortFractions&) = delete;
  ShortFractions& operator=(const ShortFractions&) = delete;
};

}  // namespace banach::testing
