#include <banach/core/errors.hpp>
#include <banach/snn/fixed_point.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach::snn {
namespace {

constexpr int kMaxSteps = 100000;
constexpr double kNear = 1e-3, kNoise = 1e-10, kLeast = 1e-12, kMost = 1e12;

// The larger of the changes of mean and variance, in the units of `from`.
double distance(const Moments& from, const Moments& to) {
  return std::max(std::abs(to.mean - from.mean) / std::sqrt(from.variance),
                  std::abs(to.variance - from.variance) / from.variance);
}

// x + (1 - J)^-1 (g(x) - x)
Moments newton_step(const Moments& x, const Moments& image, const Jacobian& j) {
  const double mean = image.mean - x.mean, variance = image.variance - x.variance;
  const double a = 1 - j.mean_by_mean, d = 1 - j.variance_by_variance;
  const double determinant = a * d - j.mean_by_variance * j.variance_by_mean;
  return {x.mean + (d * mean + j.mean_by_variance * variance) / determinant,
          x.variance + (a * variance + j.variance_by_mean * mean) / determinant};
}

// Newton's step if it stays near, else the map's own.
Moments next_moments(const Moments& x, const Moments& image, const Jacobian& j) {
  const Moments step = newton_step(x, image, j);
  return distance(x, step) < 0.1 ? step : image;
}

[[noreturn]] void fail(const WeightSums& weights, const SeluConstants& constants, const Moments& x,
                       const char* what) {
  throw InvalidArgument(fmt::format(
      "[fixed_point] there is none to converge to with omega {}, tau {}, alpha {}, "
      "scale {}: the variance {}, the last moments are ({:.6g}, {:.6g})",
      weights.omega, weights.tau, constants.alpha, constants.scale, what, x.mean, x.variance));
}

}  // namespace

FixedPoint fixed_point(const WeightSums& weights, const SeluConstants& constants,
                       const Moments& start) {
  Moments x = start;
  double before = 1;
  for (int step = 0; step < kMaxSteps; ++step) {
    const Moments image = mean_variance_map(x, weights, constants);
    if (!(image.variance > kLeast)) fail(weights, constants, image, "falls to 0");
    if (!(image.variance < kMost)) fail(weights, constants, image, "grows without bound");
    const double change = distance(x, image);
    if (change < kNoise && change >= before) return image;  // what is left is rounding
    before = change;
    x = change < kNear ? next_moments(x, image, jacobian(x, weights, constants)) : image;
  }
  fail(weights, constants, x, "does not settle");
}

}  // namespace banach::snn
