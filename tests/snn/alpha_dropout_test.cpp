#include <banach/core/errors.hpp>
#include <banach/snn/alpha_dropout.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace banach;
using namespace banach::snn;

TEST_CASE("the map for mean 0 and variance 1 is the paper's") {
  struct Case {
    double rate, a, b;
  };
  for (const auto& [rate, a, b] : {Case{.05, 0.95484447600503088, 0.083935572193810187},
                                   Case{.1, 0.92128451614971148, 0.16197097005757023},
                                   Case{.2, 0.87890358344353286, 0.30903996214409452},
                                   Case{.5, 0.88640489466593185, 0.77919393051803165}}) {
    CAPTURE(rate);
    const AffineMap got = alpha_dropout_map(rate);
    CHECK(got.a == doctest::Approx(a).epsilon(1e-15));
    CHECK(got.b == doctest::Approx(b).epsilon(1e-15));
  }
  CHECK(alpha_dropout_map(0) == AffineMap{1, 0});
  CHECK(alpha_dropout_map(1) == AffineMap{0, 0});
}

TEST_CASE("for mean 0 and variance 1 it is Keras' formula, bit for bit") {
  constexpr double dropped = SeluConstants{}.limit();
  for (double rate = 0; rate < 1; rate += 1. / 1024) {
    CAPTURE(rate);
    const double a = 1 / std::sqrt((1 - rate) * (1 + rate * dropped * dropped));
    CHECK(alpha_dropout_map(rate) == AffineMap{a, -a * dropped * rate});
  }
}

TEST_CASE("it restores the moments, whatever they are") {
  for (const FixedPoint& target : {FixedPoint{0, 1}, {0, 2}, {-.5, .25}, {3, 1e4}}) {
    for (const double rate : {0., .05, .5, .99}) {
      for (const double dropped : {-1.75, 0., target.mean, 5.}) {
        CAPTURE(target.mean);
        CAPTURE(rate);
        CAPTURE(dropped);
        const auto [a, b] = alpha_dropout_map(rate, target, dropped);
        const double kept = 1 - rate;
        const double mean = kept * target.mean + rate * dropped;
        const double square =
            kept * (target.variance + target.mean * target.mean) + rate * dropped * dropped;
        CHECK(a > 0);
        CHECK(a * mean + b == doctest::Approx(target.mean).epsilon(1e-12));
        CHECK(a * a * (square - mean * mean) == doctest::Approx(target.variance).epsilon(1e-12));
      }
    }
    CHECK(alpha_dropout_map(1, target) == AffineMap{0, target.mean});
  }
}

TEST_CASE("alpha_dropout_map says what is wrong") {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(alpha_dropout_map(1.5, {0, 2}, -1),
                       "[alpha_dropout_map] expected a rate in [0, 1] and finite numbers with "
                       "variance > 0, received rate 1.5, mean 0, variance 2, dropped -1",
                       InvalidArgument);
  CHECK_THROWS_AS(alpha_dropout_map(.1, {0, 0}), InvalidArgument);
  CHECK_THROWS_AS(alpha_dropout_map(.1, {kNaN, 1}), InvalidArgument);
  CHECK_THROWS_AS(alpha_dropout_map(kNaN), InvalidArgument);
}
