#pragma once

#include <banach/snn/moments.hpp>
#include <doctest/doctest.h>

#include <cmath>

namespace banach::testing {

/// Checks both moments to an absolute tolerance.
inline void check_moments(const snn::Moments& got, const snn::Moments& expected, double tolerance) {
  CAPTURE(got.mean);
  CAPTURE(got.variance);
  CAPTURE(expected.mean);
  CAPTURE(expected.variance);
  CHECK(std::abs(got.mean - expected.mean) <= tolerance);
  CHECK(std::abs(got.variance - expected.variance) <= tolerance);
}

}  // namespace banach::testing
