#include <banach/core/errors.hpp>
#include <banach/snn/mean_variance_map.hpp>
#include <banach/snn/split_normal.hpp>

#include <algorithm>
#include <cmath>

namespace banach::snn {
namespace {

// y = selu(z) / scale around its value `center` at the mean of z: above 0, y - center is
// z - mean + lift, below 0 it is alpha (e^z - base) - drop.
struct Centered {
  Centered(const Moments& z, double alpha)
      : n(z),
        center(z.mean > 0 ? z.mean : alpha * std::expm1(z.mean)),
        lift(z.mean - center),
        drop(std::max(z.mean, 0.0)),
        mean(n.deviation_above + lift * n.above + alpha * n.rise_below - drop * n.below),
        square(n.square_above + lift * (2 * n.deviation_above + lift * n.above) +
               alpha * (alpha * n.rise2_below - 2 * drop * n.rise_below) + drop * drop * n.below),
        slope(n.above + alpha * n.exp_below) {}

  SplitNormal n;
  double center, lift, drop;
  double mean;    // E[y - center]
  double square;  // E[(y - center)^2]
  double slope;   // E[y']
};

}  // namespace

Moments mean_variance_map(const Moments& inputs, const WeightSums& weights,
                          const SeluConstants& constants) {
  check_constants("mean_variance_map", constants);
  const auto& [alpha, scale] = constants;
  const Centered y(net_input("mean_variance_map", inputs, weights), alpha);
  const double variance = std::max(y.square - y.mean * y.mean, 0.0);
  return {scale * (y.center + y.mean), scale * scale * variance};
}

std::vector<Moments> iterate(const Moments& inputs, int layers, const WeightSums& weights,
                             const SeluConstants& constants) {
  std::vector<Moments> moments = {inputs};
  for (int layer = 0; layer < layers; ++layer) {
    moments.push_back(mean_variance_map(moments.back(), weights, constants));
  }
  return moments;
}

double Jacobian::spectral_norm() const {
  return (std::hypot(mean_by_mean + variance_by_variance, mean_by_variance - variance_by_mean) +
          std::hypot(mean_by_mean - variance_by_variance, mean_by_variance + variance_by_mean)) /
         2;
}

Jacobian jacobian(const Moments& inputs, const WeightSums& weights,
                  const SeluConstants& constants) {
  check_constants("jacobian", constants);
  const Moments z = net_input("jacobian", inputs, weights);
  if (z.variance == 0) {
    throw InvalidArgument(
        "[jacobian] expected a variance > 0 and tau > 0: g has no derivative at "
        "variance 0");
  }
  const auto& [alpha, scale] = constants;
  const Centered y(z, alpha);
  const SplitNormal& n = y.n;
  const double kink = (1 - alpha) * n.density;  // y'' at 0 is a step of the slope
  // E[(y - center) y'] on the left of 0, which is also E[(y - center) y''] there
  const double left =
      alpha * (alpha * (n.rise2_below + n.base * n.rise_below) - y.drop * n.exp_below);
  const double product = n.deviation_above + y.lift * n.above + left;
  const double curvature = alpha * n.exp_below + kink;  // E[y'']
  const double slopes = n.above + alpha * alpha * n.exp2_below();
  return {.mean_by_mean = weights.omega * scale * y.slope,
          .mean_by_variance = weights.tau * scale * curvature / 2,
          .variance_by_mean = weights.omega * scale * scale * 2 * (product - y.mean * y.slope),
          .variance_by_variance =
              weights.tau * scale * scale * (slopes + left - y.center * kink - y.mean * curvature)};
}

}  // namespace banach::snn
