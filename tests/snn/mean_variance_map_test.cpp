#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/snn/mean_variance_map.hpp>
#include <tests/snn/check_moments.hpp>
#include <tests/snn/quadrature.hpp>

#include <limits>

using namespace banach;
using namespace banach::snn;
using namespace banach::testing;

namespace {

double selu(double x, const SeluConstants& c = {}) {
  return c.scale * (x > 0 ? x : c.alpha * std::expm1(x));
}

// selu(mean + offset) - selu(mean), to all digits
double rise(double mean, double offset, const SeluConstants& c) {
  if (mean > 0 && mean + offset > 0) return c.scale * offset;
  if (mean <= 0 && mean + offset <= 0) return -c.limit() * std::exp(mean) * std::expm1(offset);
  return selu(mean + offset, c) - selu(mean, c);
}

struct Case {
  Moments inputs;
  WeightSums weights;
  Moments outputs;
};

// Klambauer et al. 2017, eq. 3 to 5, evaluated in 34 digits.
constexpr Case kCases[] = {
    {{.1, .8}, {.1, .95}, {-0.01069882683, 0.808230176313}},
    {{.1, 1.5}, {.1, 1.1}, {0.0677251016899, 1.48157495827}},
    {{-.1, 1.5}, {.1, 1.1}, {0.0492363599775, 1.47208122177}},
    {{0, 3}, {0, 1.1}, {0.199516178326, 2.5302302074}},
    {{0, 16}, {0, 1.25}, {1.14547758706, 10.8820243779}},
    {{0, .02}, {0, .8}, {-0.0291112758591, 0.0283403755648}},
    {{.5, 2}, {.05, 1.2}, {0.146487249897, 1.99066426484}},
};

// Moments and constants from the ordinary to the far away.
template <class F>
void for_far_moments(const F& f) {
  for (const double variance : {1e-8, 1e-4, 0.0024, 0.0026, 0.04, 1., 9., 400., 1e4}) {
    for (const double mean : {-30., -3., -1., -.1, -1e-3, 0., 1e-3, .1, 1., 3., 30.}) {
      for (const SeluConstants constants : {SeluConstants{}, SeluConstants{1, 1}}) {
        CAPTURE(mean);
        CAPTURE(variance);
        CAPTURE(constants.alpha);
        f(Moments{mean, variance}, constants);
      }
    }
  }
}

constexpr WeightSums kIdentity{.omega = 1, .tau = 1};

}  // namespace

TEST_CASE("the map is the paper's") {
  for (const Case& c : kCases) {
    check_moments(mean_variance_map(c.inputs, c.weights), c.outputs, 6e-12 * c.outputs.variance);
  }
  check_moments(mean_variance_map({}), {0, 1}, 1e-15);
}

TEST_CASE("the map is the moments of selu(z) by quadrature, also far away") {
  for_far_moments([](const Moments& z, const SeluConstants& constants) {
    const auto rises = [&](double offset) { return rise(z.mean, offset, constants); };
    const double shift = expectation(z, rises), at_mean = selu(z.mean, constants);
    const double variance =
        expectation(z, [&](double offset) { return std::pow(rises(offset) - shift, 2); });
    const Moments got = mean_variance_map(z, kIdentity, constants);
    const double size = std::max(std::sqrt(z.variance), std::abs(at_mean));
    CHECK(std::abs(got.mean - at_mean - shift) <= 1e-13 * size);
    CHECK(std::abs(got.variance - variance) <= 1e-11 * variance);
  });
}

TEST_CASE("the map is what random numbers do") {
  constexpr int n = 1000000;
  RandomGenerator random(5);
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double y = selu(0.05 + std::sqrt(1.65) * random.normal());
    sum += y / n;
    squares += y * y / n;
  }
  const Moments expected = mean_variance_map({.5, 1.5}, {.1, 1.1});
  check_moments({sum, squares - sum * sum}, expected, 0.01);  // four deviations of the variance
}

TEST_CASE("numbers of any size give finite moments, a variance of 0 stays 0") {
  for (const double mean : {-1e150, -1e3, -1., 0., 1., 1e3, 1e150}) {
    for (const double variance : {0., 1e-300, 1e-30, 1., 1e30, 1e250}) {
      CAPTURE(mean);
      CAPTURE(variance);
      const Moments got = mean_variance_map({mean, variance}, kIdentity);
      CHECK(std::isfinite(got.mean));
      CHECK(std::isfinite(got.variance));
      CHECK(got.variance >= 0);
      if (variance == 0) check_moments(got, {selu(mean), 0}, 0);
    }
  }
}

TEST_CASE("iterated, the map goes to mean 0 and variance 1") {
  struct Row {
    int layers;
    double variance_from_1_5, mean, variance_from_0_1, variance_from_10, variance_from_3;
  };
  constexpr Row kRows[] = {
      {1, 1.37153, .04498, .14994, 6.1142, 2.3491},   {2, 1.27936, .03339, .21284, 4.1126, 1.9424},
      {4, 1.16195, .01899, .36683, 2.3527, 1.4949},   {8, 1.05761, .00662, .67274, 1.3687, 1.1605},
      {16, 1.00789, .000897, .94446, 1.0445, 1.0210}, {32, 1.00016, 0, .99886, 1.00086, 1.0004}};
  const auto high = iterate({.1, 1.5}, 32), mirrored = iterate({-.1, 1.5}, 32);
  const auto low = iterate({0, .1}, 32), ten = iterate({0, 10}, 32), three = iterate({0, 3}, 32);
  CHECK(high.size() == 33);
  CHECK(high[0] == Moments{.1, 1.5});
  for (const auto& [layers, from_1_5, mean, from_0_1, from_10, from_3] : kRows) {
    CAPTURE(layers);
    CHECK(std::abs(high[layers].variance - from_1_5) <= 6e-6);
    CHECK(std::abs(high[layers].mean - mean) <= (layers < 32 ? 6e-6 : 2e-5));
    check_moments(mirrored[layers], high[layers], 1e-15);  // omega is 0
    CHECK(std::abs(low[layers].variance - from_0_1) <= 6e-6);
    CHECK(std::abs(ten[layers].variance - from_10) <= 6e-5);
    CHECK(std::abs(three[layers].variance - from_3) <= 6e-5);
  }
}

TEST_CASE("the Jacobian at the fixed point is the paper's") {
  const Jacobian j = jacobian({});
  CHECK(j.mean_by_mean == 0);
  CHECK(j.variance_by_mean == 0);
  CHECK(j.mean_by_variance == doctest::Approx(0.0888347551069).epsilon(1e-12));
  CHECK(j.variance_by_variance == doctest::Approx(0.782647883197).epsilon(1e-12));
  CHECK(j.spectral_norm() == doctest::Approx(0.78767336).epsilon(1e-8));
}

TEST_CASE("the spectral norm is the largest stretch") {
  const Jacobian j{
      .mean_by_mean = 3, .mean_by_variance = 0, .variance_by_mean = 4, .variance_by_variance = 5};
  CHECK(j.spectral_norm() == doctest::Approx(std::sqrt(45)).epsilon(1e-15));
  CHECK(Jacobian{-2, 0, 0, 1}.spectral_norm() == 2);
}

TEST_CASE("the Jacobian is the slope of the map") {
  constexpr WeightSums weights{.omega = .7, .tau = 1.2};
  for_far_moments([weights](const Moments& x, const SeluConstants& constants) {
    const double s = std::sqrt(x.variance), dm = 1e-4 * s, dv = 1e-4 * x.variance;
    const auto map = [&](double mean, double variance) {
      return mean_variance_map({x.mean + mean, x.variance + variance}, weights, constants);
    };
    const Moments right = map(dm, 0), left = map(-dm, 0), above = map(0, dv), below = map(0, -dv);
    const Jacobian j = jacobian(x, weights, constants);
    // in the units of the moments, so that all four are of the size of 1
    CHECK(std::abs(j.mean_by_mean - (right.mean - left.mean) / (2 * dm)) <= 1e-6);
    CHECK(std::abs(j.mean_by_variance * s - (above.mean - below.mean) / (2 * dv) * s) <= 1e-6);
    CHECK(std::abs(j.variance_by_mean - (right.variance - left.variance) / (2 * dm)) <= 1e-6 * s);
    CHECK(std::abs(j.variance_by_variance - (above.variance - below.variance) / (2 * dv)) <= 1e-6);
  });
}

TEST_CASE("the map and its Jacobian say what is wrong") {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(mean_variance_map({0, -1}),
                       "[mean_variance_map] expected finite numbers with variance >= 0 and tau >= "
                       "0, received mean 0, variance -1, omega 0, tau 1",
                       InvalidArgument);
  CHECK_THROWS_AS(mean_variance_map({kNaN, 1}), InvalidArgument);
  CHECK_THROWS_AS(mean_variance_map({0, 1}, {0, -1}), InvalidArgument);
  CHECK_THROWS_WITH_AS(jacobian({}, {}, {-1, 1}),
                       "[jacobian] expected finite alpha >= 0 and scale >= 0, received alpha -1, "
                       "scale 1",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(jacobian({1, 0}),
                       "[jacobian] expected a variance > 0 and tau > 0: g has no derivative at "
                       "variance 0",
                       InvalidArgument);
}
