#include <banach/snn/split_normal.hpp>
#include <doctest/doctest.h>

#include <limits>

using namespace banach::snn;

TEST_CASE("erfcx to its last digits") {
  struct Case {
    double x, expected;  // its series, in 900 digits
  };
  for (const auto& [x, expected] :
       {Case{-5, 144009798674.66104041}, Case{-1, 5.0089800807622834663},
        Case{0, 1.0000000000000000000}, Case{0.5, 0.61569034419292587487},
        Case{1, 0.42758357615580700441}, Case{2, 0.25539567631050574387},
        Case{3.99, 0.13732404091422970432}, Case{4.01, 0.13667636742994915370},
        Case{10, 0.056140992743822585858}, Case{26, 0.021683584850562906616},
        Case{1e8, 5.6418958354775625874E-9}}) {
    CAPTURE(x);
    CHECK(erfcx(x) == doctest::Approx(expected).epsilon(2e-15).scale(0));
  }
  CHECK(erfcx(-30) == std::numeric_limits<double>::infinity());
}

TEST_CASE("the two sides make up the whole") {
  for (const double variance : {0., 1e-4, 1., 1e4}) {
    for (const double mean : {-2., 0., .01, 3.}) {
      CAPTURE(mean);
      CAPTURE(variance);
      const SplitNormal n({mean, variance});
      CHECK(n.above + n.below == doctest::Approx(1).epsilon(1e-15));
      // e^z <= 1 below 0, so its square is the smaller one
      CHECK(n.exp2_below() <= n.exp_below);
      CHECK(n.exp_below <= n.below);
      CHECK(n.rise_below == doctest::Approx(n.exp_below - n.base * n.below).epsilon(1e-12));
    }
  }
}

TEST_CASE("the series for small deviations meets the formula") {
  for (const double mean : {-.2, -.05, 0., .05, .2}) {
    CAPTURE(mean);
    const SplitNormal series({mean, .0025 * (1 - 1e-9)}), formula({mean, .0025 * (1 + 1e-9)});
    CHECK(series.rise_below == doctest::Approx(formula.rise_below).epsilon(1e-7).scale(0));
    CHECK(series.rise2_below == doctest::Approx(formula.rise2_below).epsilon(1e-7).scale(0));
  }
}
