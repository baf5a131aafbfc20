#pragma once

#include <banach/snn/moments.hpp>
#include <banach/snn/selu.hpp>

namespace banach::snn {

/// y = a x + b.
struct AffineMap {
  double a = 1, b = 0;
  bool operator==(const AffineMap&) const = default;
};

/// The map by which AlphaDropout restores the moments `target` of x ~ `target` after values were
/// set to `dropped` with probability `rate`, with q = 1 - rate:
///   a = sqrt(variance / (q (variance + rate (dropped - mean)^2)))
///   b = mean - a (q mean + rate dropped)
/// (Klambauer et al. 2017, section "New dropout technique", there for any mean and variance). At
/// rate 1 nothing of x is left: a = 0, b = mean.
/// InvalidArgument unless rate is in [0, 1], variance > 0 and all are finite.
AffineMap alpha_dropout_map(double rate, const FixedPoint& target = {},
                            double dropped = SeluConstants{}.limit());

}  // namespace banach::snn
