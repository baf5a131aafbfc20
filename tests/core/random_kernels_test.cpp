#include <banach/core/random_kernels.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <span>
#include <tests/support/targets.hpp>
#include <vector>

using namespace banach;
using banach::testing::for_each_target;

namespace {

using Doubles = std::vector<double>;

Doubles uniform(std::int64_t first, std::size_t size, const Philox::Key& key) {
  Doubles numbers(size);
  uniform_numbers(numbers.data(), static_cast<std::int64_t>(size), key, first, 0, 1);
  return numbers;
}

template <class T>
std::vector<T> quantiles(const Doubles& p, double offset = 0, double scale = 1) {
  std::vector<T> x(p.size());
  normal_quantiles(x.data(), p.data(), static_cast<std::int64_t>(p.size()), offset, scale);
  return x;
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// Probabilities of -8, -7.99 ... 8, more on the left, where they are exact.
Doubles probabilities() {
  Doubles p;
  for (int i = -800; i <= 0; ++i) p.push_back(normal_cdf(0.01 * i));
  for (int i = 1; i <= 800; ++i) p.push_back(std::min(normal_cdf(0.01 * i), 1 - 0x1p-50));
  return p;
}

}  // namespace

TEST_CASE("a number follows from the words of its block") {
  const Philox::Key key = {9, 7};
  constexpr std::int64_t kFar = (std::int64_t{1} << 34) - 5;  // a block's number takes two words
  for_each_target([&] {
    for (const std::int64_t first : {std::int64_t{0}, kFar}) {
      const Doubles numbers = uniform(first, 100, key);
      for (std::int64_t i = 0; i < 100; ++i) {
        const auto block = static_cast<std::uint64_t>(first + i) / 4;
        const Philox::Counter words = Philox::generate(
            {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0},
            key);
        CHECK(numbers[i] == (words[(first + i) % 4] + 0.5) * 0x1p-32);
      }
    }
  });
}

TEST_CASE("a number follows from key and position alone") {
  for_each_target([] {
    const Doubles whole = uniform(0, 1000, {9, 0});
    for (const std::int64_t first : {0, 1, 2, 3, 4, 501}) {
      for (const std::size_t size : {1, 17, 64, 299}) {
        const Doubles part = uniform(first, size, {9, 0});
        for (std::size_t i = 0; i < size; ++i) CHECK(part[i] == whole[first + i]);
      }
    }
    CHECK(std::ranges::all_of(whole, [](double x) { return x > 0 && x < 1; }));
    CHECK(uniform(0, 1, {10, 0})[0] != whole[0]);
  });
}

TEST_CASE("numbers lie between low and high") {
  for_each_target([] {
    Doubles numbers(999);
    uniform_numbers(numbers.data(), 999, {1, 2}, 0, -3, 5);
    const Doubles unit = uniform(0, 999, {1, 2});
    for (std::size_t i = 0; i < unit.size(); ++i) CHECK(numbers[i] == -3 + 8 * unit[i]);
  });
}

TEST_CASE("quantiles of the normal distribution undo its distribution function") {
  const Doubles p = probabilities();
  for_each_target([&] {
    const Doubles x = quantiles<double>(p);
    for (int i = -800; i <= 0; ++i) {
      CHECK(x[static_cast<std::size_t>(i + 800)] == doctest::Approx(0.01 * i).epsilon(1e-12));
    }
    const std::vector<float> few = quantiles<float>(p);
    for (std::size_t i = 0; i < p.size(); ++i) CHECK(std::abs(few[i] - x[i]) < 4e-7);
    const Doubles upper = quantiles<double>({0.5, 0.975, 1 - 0x1p-33});
    CHECK(upper[0] == 0);
    CHECK(upper[1] == doctest::Approx(1.959963984540054).epsilon(1e-14));
    CHECK(upper[2] == doctest::Approx(6.3379).epsilon(1e-3));
  });
}

TEST_CASE("quantiles are the same bits on every instruction set and for parts of any size") {
  const Doubles p = probabilities();
  const Doubles doubles = quantiles<double>(p, 0.25, 3);
  const std::vector<float> floats = quantiles<float>(p, 0.25, 3);
  for_each_target([&] {
    CHECK(quantiles<double>(p, 0.25, 3) == doubles);
    CHECK(quantiles<float>(p, 0.25, 3) == floats);
    for (const std::size_t size : {1, 3, 255, 257, 300}) {
      const Doubles part(p.end() - static_cast<std::ptrdiff_t>(size), p.end());
      CHECK(std::ranges::equal(quantiles<float>(part, 0.25, 3), std::span(floats).last(size)));
    }
  });
}
