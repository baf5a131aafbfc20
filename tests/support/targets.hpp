#pragma once

#include <banach/core/simd_targets.hpp>

#include <doctest/doctest.h>
#include <hwy/targets.h>
#include <string>

namespace banach::testing {

/// Runs the body once for each instruction set of this machine that the kernels are built for.
template <class Body>
void for_each_target(const Body& body) {
  for (const std::int64_t target : simd_targets()) {
    use_simd_target(target);
    INFO("target " << std::string(hwy::TargetName(target)));
    body();
  }
  use_simd_target(0);
}

}  // namespace banach::testing
