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
  double largest = 1, difference = 0;
  for (std::int64_t i = 0; i < b.size(); ++i) {
    const double got = a.flat(i), expected = b.flat(i);
    if (std::isnan(got) != std::isnan(expected)) return std::numeric_limits<double>::infinity();
    if (got == expected || std::isnan(got)) continue;
    if (std::isinf(got) || std::isinf(expected)) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, std::abs(got - expected));
  }
  for (std::int64_t i = 0; i < b.size(); ++i) {
    if (std::isfinite(b.flat(i))) largest = std::max(largest, std::abs(b.flat(i)));
  }
  return difference / largest;
}

double norm_difference(const Array& a, const Array& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  return norm(a.astype(float64) - b) / std::max(norm(b), 1e-300);
}

}  // namespace banach::testing
