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

// What 64 layers make of normal numbers with these moments.
snn::Moments after_depth(std::uint64_t seed, double dropout_rate, const snn::FixedPoint& point) {
  utils::set_random_seed(seed);
  Sequential model;
  model.add(Input({kWidth}));
  for (std::int64_t i = 0; i < kDepth; ++i) {
    model.add(Dense(
        kWidth, {.activation = activations::Selu(point), .kernel_initializer = "lecun_normal"}));
    if (dropout_rate > 0) model.add(AlphaDropout(dropout_rate, {.fixed_point = point}));
  }
  const Array x = normal_array({kSamples, kWidth}, seed) * std::sqrt(point.variance) + point.mean;
  const Array y = model(x, {.training = true});
  return {mean(y), variance(y)};
}

void check_depth(double dropout_rate, const snn::FixedPoint& point = {}) {
  snn::Moments average{0, 0};
  std::string all;
  for (const std::uint64_t seed : kSeeds) {
    const snn::Moments moments = after_depth(seed, dropout_rate, point);
    all += fmt::format(" seed {}: mean {}, variance {};", seed, moments.mean, moments.variance);
    average.mean += moments.mean / std::size(kSeeds);
    average.variance += moments.variance / std::size(kSeeds);
  }
  INFO(all);
  CHECK(std::abs(average.mean - point.mean) <= 0.05 * std::sqrt(point.variance));
  CHECK(average.variance >= 0.9 * point.variance);
  CHECK(average.variance <= 1.1 * point.variance);
}

}  // namespace

TEST_CASE("64 layers of SELU and LecunNormal keep mean 0 and variance 1") { check_depth(0); }

TEST_CASE("64 layers of SELU, LecunNormal and AlphaDropout keep them in training too") {
  check_depth(0.05);
}

TEST_CASE("64 layers of SELU for other moments, LecunNormal and AlphaDropout keep those") {
  for (const snn::FixedPoint& point : {snn::FixedPoint{0, 2}, {-.2, 1}}) {
    check_depth(0, point);
    check_depth(0.05, point);
  }
}
