#include <banach/core/distribution.hpp>
#include <banach/core/threads.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <tests/support/targets.hpp>

using namespace banach;

namespace {

constexpr std::uint64_t kSeed = 20240607;
const Shape kMany = {300, 1000};

bool same(const Array& a, const Array& b) { return max_abs_difference(a, b) == 0; }

}  // namespace

TEST_CASE("a seed gives the same numbers on every machine") {
  const Array weights = Distribution::truncated_normal(0, 1).draw({2000}, float32, kSeed);
  testing::for_each_target([&] {
    CHECK(same(Distribution::truncated_normal(0, 1).draw({2000}, float32, kSeed), weights));
  });
  CHECK(weights.flat(0) == 0x1.12a314p+0);
  CHECK(weights.flat(3) == -0x1.99184cp+0);  // in a tail
  CHECK(weights.flat(1999) == 0x1.bdccfep+0);
}

TEST_CASE("numbers are the same on any number of threads") {
  const int before = config::num_threads();
  const Distribution distribution = Distribution::normal(1, 2);
  config::set_num_threads(1);
  const Array serial = distribution.draw(kMany, float32, kSeed);
  config::set_num_threads(3);
  const Array parallel = distribution.draw(kMany, float32, kSeed);
  config::set_num_threads(before);
  CHECK(same(serial, parallel));
}

TEST_CASE("numbers have the mean and the variance of their distribution") {
  const auto check = [](const Distribution& distribution, double wanted_mean, double deviation) {
    INFO("seed ", kSeed);
    for (const DType dtype : {float32, float64}) {
      const Array x = distribution.draw(kMany, dtype, kSeed);
      CHECK(x.dtype() == dtype);
      CHECK(std::abs(mean(x) - wanted_mean) < 0.01 * deviation);
      CHECK(std::abs(std::sqrt(variance(x)) / deviation - 1) < 0.005);
    }
  };
  check(Distribution::uniform(-1, 3), 1, 4 / std::sqrt(12.0));
  check(Distribution::normal(2, 0.5), 2, 0.5);
  check(Distribution::truncated_normal(2, 0.5), 2, 0.5 * 0.87962566103423978);
}

TEST_CASE("other dtypes round the numbers of float32") {
  const Distribution distribution = Distribution::normal(0, 1);
  CHECK(same(distribution.draw({100}, bfloat16, kSeed).astype(float32),
             distribution.draw({100}, float32, kSeed).astype(bfloat16).astype(float32)));
}
