#pragma once

#include <banach/core/array.hpp>
#include <banach/snn/moments.hpp>

#include <cstdint>
#include <limits>

namespace banach {

/// What a layer's outputs are like, over batches and elements. A NaN or an infinity makes the
/// moments NaN.
class ActivationStatistics {
 public:
  /// Values below `threshold` count as saturated.
  explicit ActivationStatistics(double threshold = -std::numeric_limits<double>::infinity())
      : threshold_(threshold) {}

  void add(const Array& values);

  std::int64_t count() const { return count_; }
  std::int64_t not_finite() const { return not_finite_; }
  snn::Moments moments() const;  ///< NaN of nothing
  double saturation() const;     ///< share of the values

 private:
  double threshold_;
  std::int64_t count_ = 0, not_finite_ = 0, saturated_ = 0;
  double mean_ = 0, squares_ = 0;  // sum of squared distances from the mean
};

}  // namespace banach
