#include <banach/core/errors.hpp>
#include <banach/snn/domains.hpp>
#include <banach/snn/fixed_point.hpp>
#include <tests/snn/check_moments.hpp>

using namespace banach;
using namespace banach::snn;
using namespace banach::testing;

namespace {

struct Case {
  WeightSums weights;
  FixedPoint expected;
};

// Corners of theorem 1's weights.
constexpr Case kCases[] = {
    {{-.1, .95}, {-0.01672, 0.83065}}, {{0, .95}, {-0.01857, 0.82879}},
    {{.1, .95}, {-0.02087, 0.82647}},  {{-.1, 1.1}, {0.04359, 1.39058}},
    {{0, 1.1}, {0.04852, 1.39931}},    {{.1, 1.1}, {0.05471, 1.41029}},
};

}  // namespace

TEST_CASE("the fixed points at the corners of theorem 1's weights") {
  constexpr Interval mean{-0.03106, 0.06773}, variance{0.80009, 1.48617};
  for (const auto& [weights, expected] : kCases) {
    CAPTURE(weights.omega);
    CAPTURE(weights.tau);
    const FixedPoint got = fixed_point(weights);
    check_moments(got, expected, 5.1e-6);
    check_moments(mean_variance_map(got, weights), got, 1e-13);
    CHECK(mean.contains(got.mean));
    CHECK(variance.contains(got.variance));
    CHECK(jacobian(got, weights).spectral_norm() < 1);
    check_moments(fixed_point(weights, {}, {-.1, .8}), got, 1e-13);
    check_moments(fixed_point(weights, {}, {.1, 1.5}), got, 1e-13);
  }
}

TEST_CASE("with omega 0 and tau 1 it is mean 0 and variance 1, from anywhere") {
  for (const double variance : {1e-3, .1, 1., 10., 1e4}) {
    check_moments(fixed_point({}, {}, {0, variance}), {0, 1}, 1e-14);
    check_moments(fixed_point({}, {}, {5, variance}), {0, 1}, 1e-14);
  }
}

TEST_CASE("it is the one that selu_constants was asked for") {
  for (const FixedPoint& target : {FixedPoint{0, 2}, {0, .5}, {-.1, 2}, {.2, 1}}) {
    check_moments(fixed_point({}, selu_constants(target), {0, 1}), target, 1e-12);
  }
}

TEST_CASE("slow convergence comes to the same end") {
  const WeightSums weights{.omega = 0, .tau = 0.5};  // variances shrink below tau 0.4956
  const FixedPoint got = fixed_point(weights, {}, {0, 1});
  check_moments(mean_variance_map(got, weights), got, 1e-15);
  check_moments(fixed_point(weights, {}, {0, 1e-4}), got, 1e-12);
}

TEST_CASE("weights without a fixed point are an error") {
  CHECK_THROWS_WITH_AS(fixed_point({.omega = 0, .tau = .4}),
                       doctest::Contains("[fixed_point] there is none to converge to with omega 0, "
                                         "tau 0.4, alpha 1.67326"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(fixed_point({.omega = 0, .tau = .4}), doctest::Contains("falls to 0"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(fixed_point({.omega = 0, .tau = 3}),
                       doctest::Contains("grows without bound"), InvalidArgument);
  CHECK_THROWS_AS(fixed_point({}, {}, {0, 0}), InvalidArgument);
}
