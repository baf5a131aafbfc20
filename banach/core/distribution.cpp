#include <banach/core/distribution.hpp>
#include <banach/core/random_kernels.hpp>
#include <banach/core/threads.hpp>

#include <algorithm>
#include <array>

namespace banach {
namespace {

constexpr std::int64_t kPart = 1024;  // numbers that stay in the cache
constexpr std::int64_t kGrain = 16;   // parts that are worth a thread

template <class T>
void draw_part(const Distribution& distribution, const Philox::Key& key, std::int64_t first,
               std::span<T> out) {
  const auto size = static_cast<std::int64_t>(out.size());
  std::array<double, kPart> numbers;
  uniform_numbers(numbers.data(), size, key, first, distribution.low, distribution.high);
  if (distribution.is_normal) {
    normal_quantiles(out.data(), numbers.data(), size, distribution.mean, distribution.stddev);
  } else {
    std::transform(numbers.data(), numbers.data() + size, out.data(),
                   [](double x) { return static_cast<T>(x); });
  }
}

template <class T>
void draw_all(const Distribution& distribution, const Philox::Key& key, std::span<T> out) {
  const auto size = static_cast<std::int64_t>(out.size());
  parallel_for((size + kPart - 1) / kPart, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * kPart; i < std::min(end * kPart, size); i += kPart) {
      draw_part(distribution, key, i, out.subspan(i, std::min(kPart, size - i)));
    }
  });
}

}  // namespace

Distribution Distribution::uniform(double low, double high) { return {.low = low, .high = high}; }

Distribution Distribution::normal(double mean, double stddev) {
  return {.is_normal = true, .mean = mean, .stddev = stddev};
}

Distribution Distribution::truncated_normal(double mean, double stddev) {
  constexpr double kBelow = 0.02275013194817922;  // the share of a normal distribution below -2
  constexpr double kUpTo = 0.9772498680518208;    // and below 2
  return {.low = kBelow, .high = kUpTo, .is_normal = true, .mean = mean, .stddev = stddev};
}

Array Distribution::draw(const Shape& shape, DType dtype, std::uint64_t seed) const {
  if (dtype != float32 && dtype != float64) return draw(shape, float32, seed).astype(dtype);
  const Philox::Key key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  Array result(shape, dtype);
  if (dtype == float32) {
    draw_all(*this, key, result.mutable_values<float>());
  } else {
    draw_all(*this, key, result.mutable_values<double>());
  }
  return result;
}

}  // namespace banach
