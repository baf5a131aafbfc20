#include <banach/banach.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <tests/support/check_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

constexpr std::int64_t kDepth = 64, kWidth = 256, kSamples = 256;
constexpr std::uint64_t kSeeds[] = {1, 2, 3, 4};

struct Moments {
  double mean = 0, variance = 0;
};

// What 64 layers make of N(0, 1).
Moments after_depth(std::uint64_t seed, double dropout_rate) {
  utils::set_random_seed(seed);
  Sequential model;
  model.add(Input({kWidth}));
  for (std::int64_t i = 0; i < kDepth; ++i) {
    model.add(Dense(kWidth, {.activation = "selu", .kernel_initializer = "lecun_normal"}));
    if (dropout_rate > 0) model.add(AlphaDropout(dropout_rate));
  }
  const Array y = model(normal_array({kSamples, kWidth}, seed), {.training = true});
  return {mean(y), variance(y)};
}

void check_depth(double dropout_rate) {
  Moments average;
  std::string all;
  for (const std::uint64_t seed : kSeeds) {
    const Moments moments = after_depth(seed, dropout_rate);
    all += fmt::format(" seed {}: mean {}, variance {};", seed, moments.mean, moments.variance);
    average.mean += moments.mean / std::size(kSeeds);
    average.variance += moments.variance / std::size(kSeeds);
  }
  INFO(all);
  CHECK(std::abs(average.mean) <= 0.05);
  CHECK(average.variance >= 0.9);
  CHECK(average.variance <= 1.1);
}

}  // namespace

TEST_CASE("64 layers of SELU and LecunNormal keep mean 0 and variance 1") { check_depth(0); }

TEST_CASE("64 layers of SELU, LecunNormal and AlphaDropout keep them in training too") {
  check_depth(0.05);
}
