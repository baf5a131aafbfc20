#pragma once

#include <banach/core/json.hpp>

namespace banach::snn {

/// Mean and variance of a unit's activation: mu and nu in Klambauer et al. 2017.
struct Moments {
  double mean = 0;
  double variance = 1;
  bool operator==(const Moments&) const = default;
};

/// The moments that a layer gives back as it got them.
using FixedPoint = Moments;

Json to_json(const Moments& moments);  ///< {"mean", "variance"}
void from_json(const Json& json, Moments& moments);

/// What a unit's weights do to moments: omega is their sum, tau the sum of their squares. The
/// defaults are the averages over units of weights with mean 0 and variance 1 / fan_in
/// (LecunNormal).
struct WeightSums {
  double omega = 0;
  double tau = 1;
  bool operator==(const WeightSums&) const = default;
};

/// What random weights with mean 0 and variance tau / fan_in do to the moments over all units of a
/// layer, not of one: omega differs from unit to unit, with mean square tau, so a mean of the
/// inputs becomes variance, omega = 0 and tau (1 + mean^2 / variance). For inputs with mean 0 there
/// is no difference. The variance must not be 0.
WeightSums random_weights(const Moments& inputs, double tau = 1);

/// Moments of a unit's net input z, a weighted sum of independent activations: (mu omega, nu tau).
/// InvalidArgument unless all are finite, nu >= 0 and tau >= 0; `where` begins its text.
Moments net_input(const char* where, const Moments& activations, const WeightSums& weights);

}  // namespace banach::snn
