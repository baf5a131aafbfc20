#include <banach/core/errors.hpp>
#include <banach/snn/backward_gain.hpp>
#include <tests/snn/check_moments.hpp>
#include <tests/snn/quadrature.hpp>

using namespace banach;
using namespace banach::snn;
using namespace banach::testing;

TEST_CASE("gradients grow by 1.0716 a layer") {
  CHECK(backward_gain() == doctest::Approx(1.07157499246).epsilon(1e-11));
  CHECK(std::abs(gradient_growth(8) - 1.739) <= 5.1e-4);
  CHECK(std::abs(gradient_growth(16) - 3.02) <= 5.1e-3);
  CHECK(std::abs(gradient_growth(32) - 9.14) <= 5.1e-3);
  CHECK(std::abs(gradient_growth(63) - 77.9) <= 0.051);
  CHECK(std::abs(gradient_growth(127) - 6499) <= 0.51);
  CHECK(gradient_growth(0) == 1);
}

TEST_CASE("the gain is the mean square of the slope by quadrature, also far away") {
  for (const double variance : {1e-4, .04, 1., 9., 400.}) {
    for (const double mean : {-30., -1., 0., .1, 30.}) {
      for (const SeluConstants c : {SeluConstants{}, SeluConstants{1, 1}, SeluConstants{2, 1.5}}) {
        CAPTURE(mean);
        CAPTURE(variance);
        CAPTURE(c.alpha);
        const double expected = expectation({mean, variance}, [&](double offset) {
          const double z = mean + offset;
          return std::pow(c.scale * (z > 0 ? 1 : c.alpha * std::exp(z)), 2);
        });
        CHECK(std::abs(backward_gain({mean, variance}, c) - expected) <= 1e-12 * expected);
      }
    }
  }
  CHECK(backward_gain({1, 0}) == kSeluScale * kSeluScale);
}

TEST_CASE("backward_gain says what is wrong") {
  CHECK_THROWS_AS(backward_gain({0, -1}), InvalidArgument);
  CHECK_THROWS_AS(backward_gain({}, {-1, 1}), InvalidArgument);
  CHECK_THROWS_WITH_AS(gradient_growth(-1), "[gradient_growth] expected hops >= 0, received -1",
                       InvalidArgument);
}
