#pragma once

#include <banach/snn/moments.hpp>

#include <array>

namespace banach::snn {

/// The numbers from `low` to `high`, both included.
struct Interval {
  double low = 0, high = 0;
  constexpr bool contains(double x) const { return low <= x && x <= high; }
};

/// A box of inputs' moments and of weights, for which a theorem holds with SELU's default
/// constants. Klambauer et al. 2017, section "Deriving the mean and variance mapping function g".
struct Domain {
  Interval mu, omega, nu, tau;
  constexpr bool contains(double mean, double weight_sum, double variance,
                          double weight_squares) const {
    return mu.contains(mean) && omega.contains(weight_sum) && nu.contains(variance) &&
           tau.contains(weight_squares);
  }
  constexpr bool contains(const Moments& x, const WeightSums& w) const {
    return contains(x.mean, w.omega, x.variance, w.tau);
  }
};

/// Theorem 1, stable and attracting fixed points: g maps the domain's moments into themselves, and
/// for each of its weights all converge to one fixed point, with mean in [-0.03106, 0.06773] and
/// variance in [0.80009, 1.48617]; for omega 0 and tau 1 to (0, 1).
constexpr Domain theorem_1_domain() { return {{-0.1, 0.1}, {-0.1, 0.1}, {0.8, 1.5}, {0.95, 1.1}}; }

/// Theorem 2, decreasing variance: g makes the variance smaller, so variances do not explode and
/// every fixed point has a variance below 3.
constexpr Domain theorem_2_domain() { return {{-1, 1}, {-0.1, 0.1}, {3, 16}, {0.8, 1.25}}; }

/// Theorem 3, increasing variance, on two domains: g makes the variance larger, so variances do not
/// vanish; fixed points have variances above 0.16 for tau >= 0.8, above 0.24 for tau >= 0.9.
constexpr std::array<Domain, 2> theorem_3_domains() {
  return {Domain{{-0.1, 0.1}, {-0.1, 0.1}, {0.02, 0.16}, {0.8, 1.25}},
          Domain{{-0.1, 0.1}, {-0.1, 0.1}, {0.02, 0.24}, {0.9, 1.25}}};
}

}  // namespace banach::snn
