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
/// defaults are the averages of weights with mean 0 and variance 1 / fan_in (LecunNormal).
struct WeightSums {
  double omega = 0;
  double tau = 1;
  bool operator==(const WeightSums&) const = default;
};

/// Moments of a unit's net input z, a weighted sum of independent activations: (mu omega, nu tau).
/// InvalidArgument unless all are finite, nu >= 0 and tau >= 0; `where` begins its text.
Moments net_input(const char* where, const Moments& activations, const WeightSums& weights);

}  // namespace banach::snn
