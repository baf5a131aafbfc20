#include <banach/core/errors.hpp>
#include <banach/snn/backward_gain.hpp>
#include <banach/snn/split_normal.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach::snn {

double backward_gain(const Moments& z, const SeluConstants& constants) {
  check_constants("backward_gain", constants);
  const SplitNormal split(net_input("backward_gain", z, {.omega = 1, .tau = 1}));
  const auto& [alpha, scale] = constants;
  return scale * scale * (split.above + alpha * alpha * split.exp2_below());
}

double gradient_growth(int hops, const Moments& z, const SeluConstants& constants) {
  if (hops < 0) {
    throw InvalidArgument(fmt::format("[gradient_growth] expected hops >= 0, received {}", hops));
  }
  return std::pow(backward_gain(z, constants), hops);
}

}  // namespace banach::snn
