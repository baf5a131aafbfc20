#pragma once

#include <banach/snn/moments.hpp>
#include <banach/snn/selu.hpp>

#include <vector>

namespace banach::snn {

/// The map g of a layer, from the moments of its inputs to those of its outputs selu(z), where
/// z ~ N(mean omega, variance tau) (Klambauer et al. 2017, eq. 3 to 5). Exact to about 12 digits
/// for all moments: the variance is summed around selu(E[z]), since E[y^2] - E[y]^2 would lose what
/// the two have in common. A variance of 0 stays 0. With `random_weights(inputs, tau)` it is the
/// map of a layer's moments over all of its units. InvalidArgument as in net_input(), and for
/// constants that are not finite, alpha < 0 or scale < 0.
Moments mean_variance_map(const Moments& inputs, const WeightSums& weights = {},
                          const SeluConstants& constants = {});

/// Moments before and after each of `layers` layers: layers + 1 of them, `inputs` first.
std::vector<Moments> iterate(const Moments& inputs, int layers, const WeightSums& weights = {},
                             const SeluConstants& constants = {});

/// Derivatives of g: [[mean_by_mean, mean_by_variance], [variance_by_mean, variance_by_variance]].
struct Jacobian {
  double mean_by_mean = 0, mean_by_variance = 0;
  double variance_by_mean = 0, variance_by_variance = 0;

  /// The largest factor by which g changes distances near the point. Below 1 g is a contraction
  /// there, so that Banach's theorem gives one fixed point to which all points near it converge.
  double spectral_norm() const;
};

/// The Jacobian of g, in closed form: dE[f(z)]/dE[z] = E[f'(z)] and dE[f(z)]/dVar[z] = E[f''(z)]/2
/// for normal z. InvalidArgument as above, and where variance tau is 0.
Jacobian jacobian(const Moments& inputs, const WeightSums& weights = {},
                  const SeluConstants& constants = {});

}  // namespace banach::snn
