#include <benchmarks/measure.hpp>

#include <fmt/core.h>

#include <sys/resource.h>

namespace banach::bench {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::string to_json(const Timing& timing) {
  return fmt::format(
      R"("median_ms": {:.6g}, "fastest_ms": {:.6g}, "slowest_ms": {:.6g}, "repetitions": {})",
      timing.median, timing.fastest, timing.slowest, timing.repetitions);
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace banach::bench
