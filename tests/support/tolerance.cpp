#include <tests/support/tolerance.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace banach::testing {
namespace {

double norm(const Array& array) {
  double sum = 0;
  for (std::int64_t i = 0; i < array.size(); ++i) sum += array.flat(i) * array.flat(i);
  return std::sqrt(sum);
}

}  // namespace

double relative_difference(const Array& a, const Array& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  double largest = 1;
  for (std::int64_t i = 0; i < b.size(); ++i) largest = std::max(largest, std::abs(b.flat(i)));
  const double difference = max_abs_difference(a, b);
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference / largest;
}

double norm_difference(const Array& a, const Array& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  return norm(a.astype(float64) - b) / std::max(norm(b), 1e-300);
}

}  // namespace banach::testing
