#pragma once

#include <banach/backend/devices.hpp>

namespace banach::testing {

/// TF32 for the programs that are made in its scope.
class ShortFractions {
 public:
  ShortFractions() { config::experimental::enable_tensor_float_32_execution(true); }
  ~ShortFractions() { config::experimental::enable_tensor_float_32_execution(false); }
  ShortFractions(const ShortFractions&) = delete;
  ShortFractions& operator=(const ShortFractions&) = delete;
};

}  // namespace banach::testing
