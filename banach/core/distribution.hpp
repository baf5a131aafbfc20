#pragma once

#include <banach/core/array.hpp>

#include <cstdint>

namespace banach {

/// What random numbers are drawn from: numbers uniform in (low, high), or mean + stddev x of the x
/// where a normal distribution reaches these numbers.
struct Distribution {
  double low = 0, high = 1;
  bool is_normal = false;
  double mean = 0, stddev = 1;

  static Distribution uniform(double low, double high);
  static Distribution normal(double mean, double stddev);
  /// A normal distribution cut off at two standard deviations, what Keras draws again for.
  static Distribution truncated_normal(double mean, double stddev);

  /// Random numbers. An element follows from the seed and its position alone: the same bits on any
  /// number of threads and on every instruction set.
  Array draw(const Shape& shape, DType dtype, std::uint64_t seed) const;
};

}  // namespace banach
