#pragma once

#include <banach/snn/mean_variance_map.hpp>

namespace banach::snn {

/// The moments to which layers whose units all have these sums of weights converge from `start`:
/// mean_variance_map() gives them back to about 13 digits. Iterates the map until it is near, then
/// takes Newton's steps. With the default constants and weights of theorem_1_domain() there is one,
/// whatever the start in it (Klambauer et al. 2017, theorem 1); for omega 0 and tau 1 it is (0, 1).
/// InvalidArgument as in mean_variance_map(), when start.variance is 0, and when the variance falls
/// to 0 or grows without bound.
FixedPoint fixed_point(const WeightSums& weights = {}, const SeluConstants& constants = {},
                       const Moments& start = {});

}  // namespace banach::snn
