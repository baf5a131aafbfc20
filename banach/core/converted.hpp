#pragma once

#include <banach/core/host_device.hpp>

#include <limits>
#include <type_traits>

namespace banach {

/// An integer from a number: the nearest that there is, 0 for NaN. static_cast takes only those
/// that fit.
template <class To>
BANACH_HOST_DEVICE constexpr To saturated(double value) {
  constexpr To kLeast = std::numeric_limits<To>::min(), kMost = std::numeric_limits<To>::max();
  if (value <= static_cast<double>(kLeast)) return kLeast;
  if (value >= static_cast<double>(kMost)) return kMost;
  return value == value ? static_cast<To>(value) : To(0);
}

/// A value in another type, on every backend: floating-point numbers become integers as above.
template <class To, class From>
BANACH_HOST_DEVICE constexpr To converted(From value) {
  constexpr bool to_integer = std::is_integral_v<To> && !std::is_same_v<To, bool>;
  if constexpr (to_integer && !std::is_integral_v<From>) {
    return saturated<To>(static_cast<double>(value));
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace banach
