#include <banach/models/activation_statistics.hpp>

#include <cmath>

namespace banach {

// Batches are merged as in Chan, Golub and LeVeque 1979, so that a large mean costs no digits.
void ActivationStatistics::add(const Array& values) {
  if (values.size() == 0) return;
  const double batch_mean = banach::mean(values);
  visit_dtype(values.dtype(), [&]<class T>() {
    for (const T value : values.values<T>()) {
      const auto x = static_cast<double>(value);
      if (!std::isfinite(x)) ++not_finite_;
      if (x < threshold_) ++saturated_;
    }
  });
  const auto before = static_cast<double>(count_), added = static_cast<double>(values.size());
  const double distance = batch_mean - mean_;
  count_ += values.size();
  mean_ += distance * added / (before + added);
  squares_ +=
      banach::variance(values) * added + distance * distance * before * added / (before + added);
}

snn::Moments ActivationStatistics::moments() const {
  const bool known = count_ > 0 && not_finite_ == 0;
  const double none = std::numeric_limits<double>::quiet_NaN();
  if (!known) return {none, none};
  return {mean_, squares_ / static_cast<double>(count_)};
}

double ActivationStatistics::saturation() const {
  return static_cast<double>(saturated_) / static_cast<double>(count_);
}

}  // namespace banach
