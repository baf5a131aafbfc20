#include <banach/core/errors.hpp>
#include <banach/snn/selu.hpp>
#include <banach/snn/split_normal.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach::snn {
namespace {

constexpr const char* kWhere = "selu_constants";

// selu(z) / scale = z+ + alpha (e^z- - 1), in the names of the header.
struct Parts {
  double m, s, b, g;
};

Parts parts_of(const Moments& z) {
  const SplitNormal split(z);
  const double low = std::expm1(std::min(z.mean, 0.0));
  return {.m = z.mean * split.above + split.deviation_above,
          .s = split.square_above + z.mean * (z.mean * split.above + 2 * split.deviation_above),
          .b = -(split.rise_below + low * split.below),
          .g = split.rise2_below + low * (2 * split.rise_below + low * split.below)};
}

// The root of (m - alpha b) / sqrt(s + alpha^2 g) = rho, in the form that subtracts nothing.
double solve_alpha(const Parts& p, double rho) {
  const double root = std::sqrt(p.b * p.b * p.s + p.g * (p.m * p.m - rho * rho * p.s));
  if (rho >= 0) return (p.m * p.m - rho * rho * p.s) / (p.m * p.b + rho * root);
  return (p.m * p.b - rho * root) / (p.b * p.b - rho * rho * p.g);
}

}  // namespace

void check_constants(const char* where, const SeluConstants& constants) {
  const auto& [alpha, scale] = constants;
  if (std::isfinite(alpha) && std::isfinite(scale) && alpha >= 0 && scale >= 0) return;
  throw InvalidArgument(
      fmt::format("[{}] expected finite alpha >= 0 and scale >= 0, received alpha {}, scale {}",
                  where, alpha, scale));
}

SeluConstants selu_constants(const FixedPoint& target, const WeightSums& weights) {
  if (target == FixedPoint{} && weights == WeightSums{}) return {};
  if (!(target.variance > 0 && weights.tau > 0)) {
    throw InvalidArgument(
        fmt::format("[{}] expected a variance > 0 and tau > 0, received variance "
                    "{}, tau {}",
                    kWhere, target.variance, weights.tau));
  }
  const Moments z = net_input(kWhere, target, weights);
  const Parts p = parts_of(z);
  const double size = std::hypot(target.mean, std::sqrt(target.variance));
  const double rho = target.mean / size;
  const double lowest = -p.b / std::sqrt(p.g), highest = p.m / std::sqrt(p.s);
  if (!(rho > lowest && rho < highest)) {
    throw InvalidArgument(fmt::format(
        "[{}] no alpha > 0 gives mean {} and variance {} from N({:.6g}, {:.6g}): mean / "
        "sqrt(mean^2 + variance) is {:.6g}, possible is more than {:.6g} and less than {:.6g}",
        kWhere, target.mean, target.variance, z.mean, z.variance, rho, lowest, highest));
  }
  const double alpha = solve_alpha(p, rho);
  return {alpha, size / std::sqrt(p.s + alpha * alpha * p.g)};
}

SeluConstants layer_selu_constants(const FixedPoint& target) {
  return selu_constants(target, random_weights(target));
}

}  // namespace banach::snn
