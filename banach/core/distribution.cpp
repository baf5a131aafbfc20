#include <banach/core/distribution.hpp>
#include <banach/core/random_kernels.hpp>
#include <banach/core/threads.hpp>

#include <algorithm>
#include <array>
#include <atomic>

namespace banach {
namespace {

constexpr std::int64_t kPart = 1024;         // numbers that stay in the cache
constexpr std::int64_t kTaken = 16 * kPart;  // by a thread at once

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

// Threads take parts as they come: one of them may start late, or share its processor.
template <class T>
void draw_all(const Distribution& distribution, const Philox::Key& key, std::span<T> out) {
  const auto size = static_cast<std::int64_t>(out.size());
  std::atomic<std::int64_t> taken = 0;
  parallel_for((size + kTaken - 1) / kTaken, 1, [&](std::int64_t, std::int64_t) {
    for (std::int64_t begin; (begin = taken.fetch_add(kTaken)) < size;) {
      const std::int64_t end = std::min(begin + kTaken, size);
      for (std::int64_t i = begin; i < end; i += kPart) {
        draw_part(distribution, key, i, out.subspan(i, std::min(kPart, end - i)));
      }
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
