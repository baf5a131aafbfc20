#include <banach/snn/split_normal.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace banach::snn {
namespace {

constexpr double kSqrtHalf = std::numbers::sqrt2 / 2;
// phi(x) = kNormal e^(-x^2 / 2)
constexpr double kNormal = std::numbers::inv_sqrtpi * kSqrtHalf;

// E[e^(k z); z <= 0] of z ~ N(h s, s^2). Above 0, t^2 is h^2 / 2 plus the exponent of the formula's
// other form, e^(k m + k^2 v / 2) erfc(t) / 2, in which large factors would meet small ones.
double exp_moment(double k, double h, double s) {
  const double t = (h + k * s) * kSqrtHalf;
  if (t >= 0) return std::exp(-h * h / 2) * erfcx(t) / 2;
  return std::exp(k * s * (h + k * s / 2)) * std::erfc(t) / 2;
}

// rise_below and rise2_below for a small deviation s, over base and its square: the series of
// e^x - 1 and (e^x - 1)^2 in E[x^k; x <= bound], x = z - min(mean, 0), which follow from each other
// by parts.
void sum_rises(double mean, double s, double density, double below, double& rise, double& rise2) {
  constexpr int kTerms = 16;  // the last is below 1e-17 of the sum for s < kSmall
  const double center = std::max(mean, 0.0), bound = -std::min(mean, 0.0), variance = s * s;
  double before = below, moment = center * below - variance * density;
  double edge = variance * density, power = 1, factorial = 1;
  rise = moment;
  rise2 = 0;
  for (int k = 2; k <= kTerms; ++k) {
    edge *= bound;
    power *= 2;
    factorial *= k;
    const double next = center * moment + (k - 1) * variance * before - edge;
    before = moment;
    moment = next;
    rise += moment / factorial;
    rise2 += (2 * power - 2) / factorial * moment;
  }
}

constexpr double kSmall = 0.05;

}  // namespace

double erfcx(double x) {
  if (x < 4) {  // e^(x^2), with what rounding x^2 lost
    const double square = x * x, lost = std::fma(x, x, -square);
    const double exponential = std::exp(square);
    return (std::isinf(exponential) ? exponential : exponential * (1 + lost)) * std::erfc(x);
  }
  double fraction = x;  // 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))) / sqrt(pi)
  for (int k = 40; k > 0; --k) fraction = x + k / 2.0 / fraction;
  return std::numbers::inv_sqrtpi / fraction;
}

SplitNormal::SplitNormal(const Moments& z) : base(std::exp(std::min(z.mean, 0.0))) {
  const double s = std::sqrt(z.variance), h = z.mean / s;
  if (s == 0 || std::isinf(h)) {
    above = z.mean > 0 ? 1 : 0;
    below = 1 - above;
    exp_below = base * below;
    density = deviation_above = rise_below = rise2_below = 0;
    square_above = z.variance * above;
    return;
  }
  above = std::erfc(-h * kSqrtHalf) / 2;
  below = std::erfc(h * kSqrtHalf) / 2;
  const double phi = kNormal * std::exp(-h * h / 2);
  density = phi / s;
  deviation_above = s * phi;
  square_above = z.variance * (above - h * phi);
  exp_below = exp_moment(1, h, s);
  if (s < kSmall) {
    sum_rises(z.mean, s, density, below, rise_below, rise2_below);
    rise_below *= base;
    rise2_below *= base * base;
  } else {
    rise_below = exp_below - base * below;
    rise2_below = exp_moment(2, h, s) - base * (2 * exp_below - base * below);
  }
}

double SplitNormal::exp2_below() const {
  return rise2_below + base * (2 * rise_below + base * below);
}

}  // namespace banach::snn
