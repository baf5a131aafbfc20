#pragma once

#include <banach/snn/moments.hpp>

namespace banach::snn {

/// e^(x^2) erfc(x), to a few units in the last place; it does not underflow for large x. Infinite
/// below -26.6.
double erfcx(double x);

/// Expected values of a normal variable z on either side of 0, where SELU has its kink: all that
/// its moments and their derivatives are made of. E[f; A] is the integral of f over A.
///
/// None overflows, whatever the moments, and those that are small differences of large numbers are
/// not computed as such.
struct SplitNormal {
  explicit SplitNormal(const Moments& z);  ///< as net_input() gives them

  double above, below;     ///< P(z > 0), P(z <= 0)
  double density;          ///< of z at 0; 0 when the variance is
  double deviation_above;  ///< E[z - mean; z > 0]
  double square_above;     ///< E[(z - mean)^2; z > 0]
  double base;             ///< e^min(mean, 0)
  double exp_below;        ///< E[e^z; z <= 0]
  double rise_below;       ///< E[e^z - base; z <= 0]
  double rise2_below;      ///< E[(e^z - base)^2; z <= 0]

  double exp2_below() const;  ///< E[e^2z; z <= 0]
};

}  // namespace banach::snn
