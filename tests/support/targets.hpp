#pragma once

#include <cstdint>
#include <doctest/doctest.h>
#include <hwy/targets.h>
#include <string>

namespace banach::testing {

/// Runs the body once for each instruction set of this machine that the kernels are built for.
template <class Body>
void for_each_target(const Body& body) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    INFO("target " << std::string(hwy::TargetName(target)));
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace banach::testing
