#pragma once

#include <banach/core/host_device.hpp>

#include <cmath>
#include <cstdint>

namespace banach {

enum class Interpolation { nearest, bilinear };

/// Where a row (or column) of an enlarged image comes from:
/// y = x[lower] + (x[upper] - x[lower]) * weight.
struct Sample {
  std::int64_t lower = 0, upper = 0;
  double weight = 0;
};

/// The sample of row i of size * factor ones. Bilinear ones lie between the centres of the old
/// rows, as in TensorFlow with half_pixel_centers.
BANACH_HOST_DEVICE inline Sample sample_at(Interpolation interpolation, std::int64_t i,
                                           std::int64_t size, std::int64_t factor) {
  if (interpolation == Interpolation::nearest) return {i / factor, i / factor, 0};
  const double at = (static_cast<double>(i) + 0.5) / static_cast<double>(factor) - 0.5;
  const auto below = static_cast<std::int64_t>(std::floor(at));
  return {below < 0 ? 0 : below, below + 1 < size ? below + 1 : size - 1,
          at - static_cast<double>(below)};
}

}  // namespace banach
