#pragma once

#include <banach/snn/moments.hpp>

namespace banach::snn {

/// SELU's constants (Klambauer et al. 2017, eq. 14), to double precision:
///   alpha = -sqrt(2 / pi) / (erfc(1 / sqrt(2)) e^(1/2) - 1)
///   scale = (1 - erfc(1 / sqrt(2)) sqrt(e)) sqrt(2 pi) / sqrt(2 erfc(sqrt(2)) e^2
///           + pi erfc(1 / sqrt(2))^2 e - 2 (2 + pi) erfc(1 / sqrt(2)) sqrt(e) + pi + 2)
inline constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
inline constexpr double kSeluScale = 1.0507009873554804934193349852946;

/// selu(z) = scale (z > 0 ? z : alpha (e^z - 1)); scale is lambda in the paper.
struct SeluConstants {
  double alpha = kSeluAlpha;
  double scale = kSeluScale;
  bool operator==(const SeluConstants&) const = default;

  /// selu(-infinity) = -scale alpha, alpha' in the paper: what AlphaDropout sets values to.
  constexpr double limit() const { return -scale * alpha; }
};

/// InvalidArgument unless both are finite and >= 0; `where` begins its text.
void check_constants(const char* where, const SeluConstants& constants);

/// The constants with which a layer keeps the moments `target`: mean and variance of selu(z) are
/// those of `target` for z ~ N(target.mean omega, target.variance tau). For mean 0 and variance 1
/// they are kSeluAlpha and kSeluScale.
///
/// The mean of z is taken as in the paper: by default omega = 0, so it is 0 whatever the target's
/// mean. The authors' notebook (getSELUparameters in bioinf-jku/SNNs) uses the target's mean
/// itself:
/// `{.omega = 1}`. Layers use random_weights(). For targets with mean 0 all are the same.
///
/// In closed form for any mean: with z = z+ + z-, selu(z) / scale = z+ + alpha (e^z- - 1), of which
/// one part is always 0, so E[selu^2] / scale^2 = S + alpha^2 G and E[selu] / scale = M - alpha B
/// where S = E[z+^2], M = E[z+], B = E[1 - e^z-], G = E[(1 - e^z-)^2]. Their ratio
/// rho = E[selu] / sqrt(E[selu^2]) knows no scale and falls with alpha > 0 from M / sqrt(S) to
/// -B / sqrt(G), so there is one solution if the target's rho lies between, and none else. For mean
/// 0, alpha = M / B: the paper's formulas (eq. 14, and A5 for variance 2).
///
/// InvalidArgument when variance <= 0, a number is not finite, tau <= 0 or there is no solution;
/// also when z is positive for all that doubles can tell (its mean is 8 deviations or more), since
/// no alpha then matters.
SeluConstants selu_constants(const FixedPoint& target, const WeightSums& weights = {});

/// The constants of activations::Selu and layers::AlphaDropout, with which networks of
/// LecunNormal's weights keep the moments over all units: selu_constants(target,
/// random_weights(target)).
SeluConstants layer_selu_constants(const FixedPoint& target);

}  // namespace banach::snn
