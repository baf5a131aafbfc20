#include <banach/snn/domains.hpp>
#include <banach/snn/mean_variance_map.hpp>
#include <tests/snn/check_moments.hpp>

#include <limits>

using namespace banach::snn;
using namespace banach::testing;

namespace {

// f at the points of a grid that holds the domain's corners.
template <class F>
void for_grid(const Domain& d, const F& f) {
  constexpr int kSteps = 8;
  const auto at = [](const Interval& i, int step) {
    return step == kSteps ? i.high : i.low + (i.high - i.low) * step / kSteps;
  };
  for (int a = 0; a <= kSteps; ++a) {
    for (int b = 0; b <= kSteps; ++b) {
      for (int c = 0; c <= kSteps; ++c) {
        for (int e = 0; e <= kSteps; ++e) {
          f(Moments{at(d.mu, a), at(d.nu, c)}, WeightSums{at(d.omega, b), at(d.tau, e)});
        }
      }
    }
  }
}

// The smallest and largest value of f(inputs, outputs) on a grid.
template <class F>
Interval range(const Domain& domain, const F& f) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Interval result{kInfinity, -kInfinity};
  for_grid(domain, [&](const Moments& x, const WeightSums& w) {
    CHECK(domain.contains(x, w));
    const double value = f(x, mean_variance_map(x, w));
    result = {std::min(result.low, value), std::max(result.high, value)};
  });
  return result;
}

double growth(const Moments& x, const Moments& y) { return y.variance / x.variance; }

}  // namespace

TEST_CASE("theorem 1: its domain's moments stay in it, and its image is the paper's") {
  constexpr Domain d = theorem_1_domain();
  const Interval mean = range(d, [](const Moments&, const Moments& y) { return y.mean; });
  const Interval variance = range(d, [](const Moments&, const Moments& y) { return y.variance; });
  CHECK(std::abs(mean.low - -0.0310605) <= 5.1e-8);
  CHECK(std::abs(mean.high - 0.0677251) <= 5.1e-8);
  CHECK(std::abs(variance.low - 0.80371) <= 5.1e-6);
  CHECK(std::abs(variance.high - 1.48157) <= 5.1e-6);
}

TEST_CASE("theorem 1: the map is a contraction near (0, 1)") {
  constexpr Domain near{{-.01, .01}, {-.01, .01}, {.98, 1.02}, {.99, 1.01}};
  for_grid(near, [](const Moments& x, const WeightSums& w) {
    CHECK(jacobian(x, w).spectral_norm() < 0.81);
  });
}

TEST_CASE("theorem 2: large variances shrink") {
  const Interval ratio = range(theorem_2_domain(), growth);
  CHECK(std::abs(ratio.high - 0.960085) <= 5.1e-7);
}

TEST_CASE("theorem 3: small variances grow") {
  constexpr auto domains = theorem_3_domains();
  CHECK(std::abs(range(domains[0], growth).low - 1.15880) <= 5.1e-6);
  CHECK(std::abs(range(domains[1], growth).low - 1.20803) <= 5.1e-6);
}

TEST_CASE("a domain holds its bounds and nothing beyond them") {
  constexpr Domain d = theorem_1_domain();
  CHECK(d.contains(.1, -.1, 1.5, .95));
  CHECK(d.contains(Moments{}, WeightSums{}));
  CHECK_FALSE(d.contains(.11, 0, 1, 1));
  CHECK_FALSE(d.contains(0, -.11, 1, 1));
  CHECK_FALSE(d.contains(0, 0, .79, 1));
  CHECK_FALSE(d.contains(0, 0, 1, 1.11));
  CHECK_FALSE(d.contains(0, 0, std::numeric_limits<double>::quiet_NaN(), 1));
}
