#pragma once

#include <banach/core/array.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace banach::testing {

/// Largest |a - b| / max(1, |b|) of any element, so that e^20 or 1 / 1e-7 hides no small value;
/// infinite when the shapes differ or a NaN is met.
inline double elementwise_difference(const Array& a, const Array& b) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (a.shape() != b.shape()) return kInfinity;
  double largest = 0;
  for (std::int64_t i = 0; i < b.size(); ++i) {
    const double difference = std::abs(a.flat(i) - b.flat(i)) / std::max(1.0, std::abs(b.flat(i)));
    if (std::isnan(difference)) return kInfinity;
    largest = std::max(largest, difference);
  }
  return largest;
}

}  // namespace banach::testing
