#pragma once

#include <banach/snn/moments.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace banach::testing {

/// E[f(z - mean)] of z ~ N(mean, variance): Gauss-Legendre with 8 points on panels that are short
/// beside the deviation and beside 1, the scale of e^z, and that meet where z is 0.
template <class F>
double expectation(const snn::Moments& z, const F& f) {
  constexpr double kNodes[] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                               0.9602898564975363};
  constexpr double kWeights[] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                 0.1012285362903763};
  const double s = std::sqrt(z.variance), width = std::min(s / 2, 0.5);
  const auto weighted = [&](double offset) {
    const double h = offset / s;
    return f(offset) * std::exp(-h * h / 2) / (s * std::sqrt(2 * std::numbers::pi));
  };
  const double shift = std::fmod(z.mean, width);
  const double panels = std::ceil(13 * s / width);
  double sum = 0;
  for (double panel = -panels; panel < panels; ++panel) {
    for (int i = 0; i < 4; ++i) {
      const double middle = (panel + 0.5) * width - shift, offset = kNodes[i] * width / 2;
      sum += kWeights[i] * width / 2 * (weighted(middle - offset) + weighted(middle + offset));
    }
  }
  return sum;
}

}  // namespace banach::testing
