#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/cpu/update.hpp>
#include <banach/ops/update.hpp>

#include <cmath>

namespace banach::cpu {
namespace {

bool accepts_adam(const Node& node) {
  return node.inputs[0].dtype() == float32 && is_float32(node, 2);  // input 1 is t
}

// Output i rewrites input `first` + i; the kernels rely on it.
std::vector<int> rewrites(const Node& node, std::size_t first) {
  std::vector<int> in_place;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    in_place.push_back(static_cast<int>(first + i));
  }
  return in_place;
}

/// Segment i from outputs i, n + i, 2 n + i and the gradient in[first + i].
std::vector<Segment> segments_of(const Views& in, const Views& out, std::size_t first,
                                 std::size_t slots) {
  const std::size_t n = out.size() / (1 + slots);
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < n; ++i) {
    segments.push_back({out[i].as<float>(), slots > 0 ? out[n + i].as<float>() : nullptr,
                        slots > 1 ? out[2 * n + i].as<float>() : nullptr, in[first + i].as<float>(),
                        out[i].size()});
  }
  return segments;
}

Prepared prepare_sgd(const Node& node) {
  const auto& op = static_cast<const SgdOp&>(*node.op);
  const std::size_t slots = op.num_slots(), n = node.outputs.size() / (1 + slots);
  return {simd_implementation(), 0, rewrites(node, 1 + n),
          [slots, momentum = static_cast<float>(op.momentum), nesterov = op.nesterov](
              const Views& in, const Views& out, std::byte*) {
            return Kernel([=, segments = segments_of(in, out, 1, slots), rate = in[0].as<float>()] {
              sgd(segments, {momentum, nesterov, *rate});
            });
          }};
}

// rate sqrt(1 - beta_2^t) / (1 - beta_1^t), in double once a step
float adam_alpha(double rate, double beta_1, double beta_2, std::int64_t t) {
  const auto steps = static_cast<double>(t);
  return static_cast<float>(rate * std::sqrt(1 - std::pow(beta_2, steps)) /
                            (1 - std::pow(beta_1, steps)));
}

Prepared prepare_adam(const Node& node) {
  const auto& op = static_cast<const AdamOp&>(*node.op);
  const std::size_t n = node.outputs.size() / 3;
  return {simd_implementation(), 0, rewrites(node, 2 + n),
          [beta_1 = op.beta_1, beta_2 = op.beta_2, epsilon = static_cast<float>(op.epsilon)](
              const Views& in, const Views& out, std::byte*) {
            return Kernel([=, segments = segments_of(in, out, 2, 2), rate = in[0].as<float>(),
                           t = in[1].as<std::int64_t>()] {
              adam(segments, {static_cast<float>(1 - beta_1), static_cast<float>(1 - beta_2),
                              epsilon, adam_alpha(*rate, beta_1, beta_2, *t)});
            });
          }};
}

constexpr KernelRow kRows[] = {{"sgd", accepts_float32, prepare_sgd},
                               {"adam", accepts_adam, prepare_adam}};

}  // namespace

std::span<const KernelRow> update_rows() { return kRows; }

}  // namespace banach::cpu
