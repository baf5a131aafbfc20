#pragma once

#include <banach/core/host_device.hpp>

#include <cstdint>

namespace banach {

enum class Interpolation { nearest, bilinear };

/// Where a row (or column) of an enlarged image comes from:
/// y = x[lower] + (x[upper] - x[lower]) * weight(), a fraction.
struct Sample {
  std::int64_t lower = 0, upper = 0;
  std::int64_t numerator = 0, denominator = 1;

  template <class T = double>
  BANACH_HOST_DEVICE T weight() const {
    return static_cast<T>(numerator) / static_cast<T>(denominator);
  }
};

/// The sample of row i of size * factor ones. Bilinear ones lie between the centres of the old
/// rows, as in TensorFlow with half_pixel_centers: at (i + 1/2) / factor - 1/2.
BANACH_HOST_DEVICE inline Sample sample_at(Interpolation interpolation, std::int64_t i,
                                           std::int64_t size, std::int64_t factor) {
  if (interpolation == Interpolation::nearest) return {i / factor, i / factor};
  const std::int64_t at = 2 * i + 1 - factor, unit = 2 * factor;
  const std::int64_t below = at < 0 ? -1 : at / unit;  // at > -unit
  return {below < 0 ? 0 : below, below + 1 < size ? below + 1 : size - 1, at - below * unit, unit};
}

}  // namespace banach
