#include <examples/snn_paper/spread.hpp>

#include <cmath>

namespace banach::snn_paper {

Spread spread(std::span<const double> values) {
  Spread result;
  const auto count = static_cast<double>(values.size());
  for (const double x : values) result.mean += x / count;
  if (values.size() < 2) return result;
  for (const double x : values) result.deviation += (x - result.mean) * (x - result.mean);
  result.deviation = std::sqrt(result.deviation / (count - 1));
  result.error = result.deviation / std::sqrt(count);
  return result;
}

}  // namespace banach::snn_paper
