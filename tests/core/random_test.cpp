#include <banach/core/random.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace banach;

TEST_CASE("a seed repeats, another differs, streams differ") {
  RandomGenerator a(1), b(1), c(2), d(1, 1);
  const std::uint32_t first = a.next();
  CHECK(first == b.next());
  CHECK(first != c.next());
  CHECK(first != d.next());
}

TEST_CASE("moments of the distributions") {
  RandomGenerator random(3);
  constexpr int n = 400000;
  double normal = 0, normal2 = 0, uniform = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    normal += x / n;
    normal2 += x * x / n;
    uniform += random.uniform() / n;
  }
  CHECK(std::abs(normal) < 0.008);
  CHECK(std::abs(normal2 - 1) < 0.012);
  CHECK(std::abs(uniform - 0.5) < 0.003);
}

TEST_CASE("a permutation holds every number once") {
  auto order = RandomGenerator(5).permutation(1000);
  CHECK_FALSE(std::ranges::is_sorted(order));
  std::ranges::sort(order);
  for (std::int64_t i = 0; i < 1000; ++i) CHECK(order[i] == i);
  CHECK(RandomGenerator(5).permutation(0).empty());
}

TEST_CASE("the global stream follows set_random_seed") {
  utils::set_random_seed(11);
  const std::uint64_t first = draw_seed(), second = draw_seed();
  CHECK(first != second);
  utils::set_random_seed(11);
  CHECK(draw_seed() == first);
}
