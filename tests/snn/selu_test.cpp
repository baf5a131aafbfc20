#include <banach/core/errors.hpp>
#include <banach/snn/mean_variance_map.hpp>
#include <banach/snn/selu.hpp>
#include <tests/snn/check_moments.hpp>

#include <limits>
#include <numbers>

using namespace banach;
using namespace banach::snn;
using namespace banach::testing;

namespace {

struct Case {
  FixedPoint target;
  WeightSums weights;
  SeluConstants constants;
};

constexpr WeightSums kNotebook{.omega = 1};

constexpr Case kCases[] = {
    {{0, 1}, {}, {1.6732632423543772, 1.0507009873554805}},
    {{0, 1}, kNotebook, {1.6732632423543772, 1.0507009873554805}},  // by the formula
    {{0, 2}, {}, {1.9712557503462689, 1.0607090761030122}},         // the paper's A5
    {{0, 2}, kNotebook, {1.9712557503462689, 1.0607090761030122}},
    {{-.1, 2}, kNotebook, {1.9769021954242, 1.0738512396160}},  // the notebook's output
};

void check_kept(const FixedPoint& target, const WeightSums& weights) {
  CAPTURE(target.mean);
  CAPTURE(target.variance);
  CAPTURE(weights.omega);
  const SeluConstants constants = selu_constants(target, weights);
  CHECK(constants.alpha > 0);
  const Moments got = mean_variance_map(target, weights, constants);
  CHECK(std::abs(got.mean - target.mean) <= 1e-12 * std::sqrt(target.variance));
  CHECK(std::abs(got.variance - target.variance) <= 1e-12 * target.variance);
}

}  // namespace

TEST_CASE("SELU's constants are the paper's formulas") {
  using std::erfc, std::sqrt;
  using std::numbers::e, std::numbers::pi;
  const double r = erfc(1 / sqrt(2)) * sqrt(e);
  CHECK(kSeluAlpha == doctest::Approx(-sqrt(2 / pi) / (r - 1)).epsilon(1e-15));
  const double under = 2 * erfc(sqrt(2)) * e * e + pi * r * r - 2 * (2 + pi) * r + pi + 2;
  CHECK(kSeluScale == doctest::Approx((1 - r) * sqrt(2 * pi / under)).epsilon(1e-15));
  CHECK(SeluConstants{}.limit() == doctest::Approx(-1.75809934084737686).epsilon(1e-15));
}

TEST_CASE("constants of other fixed points are the paper's and the notebook's") {
  for (const Case& c : kCases) {
    CAPTURE(c.target.mean);
    CAPTURE(c.target.variance);
    const auto [alpha, scale] = selu_constants(c.target, c.weights);
    CHECK(alpha == doctest::Approx(c.constants.alpha).epsilon(1e-13));
    CHECK(scale == doctest::Approx(c.constants.scale).epsilon(1e-13));
  }
  CHECK(selu_constants({}) == SeluConstants{kSeluAlpha, kSeluScale});
}

TEST_CASE("the map with them gives the fixed point back") {
  for (const double variance : {1e-12, 1e-6, 1e-3, .1, 1., 2., 10., 100., 1e6}) {
    for (const double share : {-.6, -.3, -.01, 0., .01, .3, .6}) {  // mean / deviation
      for (const WeightSums weights : {WeightSums{}, {.1, 1.1}, {-.05, .95}}) {
        check_kept({share * std::sqrt(variance), variance}, weights);
      }
    }
    for (const double share : {-3., -1., 0., 1., 3.}) {
      check_kept({share * std::sqrt(variance), variance}, kNotebook);
    }
  }
}

TEST_CASE("the constants of layers keep the moments over units with random weights") {
  for (const FixedPoint& target : {FixedPoint{0, 2}, {-.3, .5}, {.5, 2}}) {
    CAPTURE(target.mean);
    // z has the inputs' mean square as variance
    const double square = target.mean * target.mean + target.variance;
    check_moments(mean_variance_map({0, square}, {}, layer_selu_constants(target)), target, 1e-14);
    check_kept(target, random_weights(target));
  }
  CHECK(layer_selu_constants({}) == SeluConstants{});
  CHECK(layer_selu_constants({0, 2}) == selu_constants({0, 2}));
  CHECK(random_weights({1, 2}, 3) == WeightSums{0, 4.5});
}

TEST_CASE("without weights' sum, means above deviation / sqrt(pi - 1) have no constants") {
  const double limit = 1 / std::sqrt(std::numbers::pi - 1);
  for (const double variance : {1e-4, 1., 25.}) {
    CAPTURE(variance);
    const double s = std::sqrt(variance);
    check_kept({limit * (1 - 1e-6) * s, variance}, {});
    CHECK_THROWS_AS(selu_constants({limit * (1 + 1e-6) * s, variance}), InvalidArgument);
  }
  CHECK_THROWS_WITH_AS(selu_constants({1, 1}),
                       "[selu_constants] no alpha > 0 gives mean 1 and variance 1 from N(0, 1): "
                       "mean / sqrt(mean^2 + variance) is 0.707107, possible is more than "
                       "-0.626244 and less than 0.56419",
                       InvalidArgument);
  CHECK_THROWS_AS(selu_constants({-1, 1}), InvalidArgument);
}

TEST_CASE("selu_constants says what is wrong") {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(selu_constants({0, -2}),
                       "[selu_constants] expected a variance > 0 and tau > 0, received variance "
                       "-2, tau 1",
                       InvalidArgument);
  for (const FixedPoint& target : {FixedPoint{0, 0}, {0, kNaN}, {kNaN, 1}, {0, 1 / 0.0}}) {
    CHECK_THROWS_AS(selu_constants(target), InvalidArgument);
  }
  CHECK_THROWS_AS(selu_constants({}, {.omega = 0, .tau = 0}), InvalidArgument);
}
