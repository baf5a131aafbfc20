#pragma once

// What the tests of the SIMD kernels share.

#include <banach/core/random.hpp>
#include <banach/core/threads.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <doctest/doctest.h>
#include <random>
#include <tests/support/targets.hpp>
#include <vector>

namespace banach::testing {

using Floats = std::vector<float>;

/// Runs the body with 1 and with 3 threads; it returns a vector, whose bits must be the same.
template <class Body>
void check_threads(const Body& body) {
  const int before = config::num_threads();
  config::set_num_threads(1);
  const auto serial = body();
  config::set_num_threads(3);
  const auto parallel = body();
  config::set_num_threads(before);
  REQUIRE(serial.size() == parallel.size());
  CHECK(std::memcmp(serial.data(), parallel.data(), serial.size() * sizeof(serial[0])) == 0);
}

/// Multiples of 0.001 between -1 and 1.
inline Floats random_floats(std::int64_t size, std::uint32_t seed) {
  std::mt19937 engine(seed);
  Floats values(static_cast<std::size_t>(size));
  for (float& v : values) v = static_cast<float>(static_cast<int>(engine() % 2001) - 1000) / 1000;
  return values;
}

/// Values from a normal distribution of the given mean and deviation.
inline Floats normal_floats(std::int64_t size, std::uint64_t seed, double mean = 0,
                            double deviation = 1) {
  RandomGenerator random(seed);
  Floats values(static_cast<std::size_t>(size));
  for (float& v : values) v = static_cast<float>(mean + deviation * random.normal());
  return values;
}

/// Largest |a - b| / (1 + |b|) of a result and what it should be; infinite when only one is NaN.
template <class T>
double largest_error(const Floats& values, const std::vector<T>& expected) {
  REQUIRE(values.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double a = values[i], b = expected[i];
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    const double error = std::abs(a - b) / (1 + std::abs(b));
    largest = std::max(largest, std::isnan(error) ? HUGE_VAL : error);
  }
  return largest;
}

/// Scratch memory as a program gives it: aligned, and full of what was there before.
class Scratch {
 public:
  explicit Scratch(std::size_t bytes) : bytes_(bytes + 64, std::byte{0xFF}) {}
  std::byte* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data());
    return bytes_.data() + (64 - address % 64) % 64;
  }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace banach::testing
