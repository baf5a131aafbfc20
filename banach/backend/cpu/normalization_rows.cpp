#include <banach/backend/cpu/layer_norm.hpp>
#include <banach/backend/cpu/normalization.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/normalization.hpp>

namespace banach::cpu {
namespace {

Prepared prepare_forward(const Node& node) {
  const std::int64_t channels = node.outputs[1].shape.size();
  const std::int64_t rows = channels == 0 ? 0 : node.outputs[0].shape.size() / channels;
  const double epsilon = static_cast<const BatchNormOp&>(*node.op).epsilon;
  return {simd_implementation(),
          batch_norm_scratch_bytes(rows, channels),
          {0, -1, -1},
          [=](const Views& in, const Views& out, std::byte* scratch) {
            return Kernel([=, y = out[0].as<float>(), mean = out[1].as<float>(),
                           variance = out[2].as<float>(), x = in[0].as<float>(),
                           gamma = in[1].as<float>(), beta = in[2].as<float>()] {
              batch_norm(y, mean, variance, x, gamma, beta, rows, channels, epsilon, scratch);
            });
          }};
}

Prepared prepare_grad(const Node& node) {
  const std::int64_t channels = node.outputs[1].shape.size();
  const std::int64_t rows = channels == 0 ? 0 : node.outputs[0].shape.size() / channels;
  const double epsilon = static_cast<const BatchNormGradOp&>(*node.op).epsilon;
  return {simd_implementation(),
          batch_norm_scratch_bytes(rows, channels),
          {0, -1, -1},
          [=](const Views& in, const Views& out, std::byte* scratch) {
            return Kernel([=, dx = out[0].as<float>(), dgamma = out[1].as<float>(),
                           dbeta = out[2].as<float>(), dy = in[0].as<float>(),
                           x = in[1].as<float>(), gamma = in[2].as<float>(),
                           mean = in[3].as<float>(), variance = in[4].as<float>()] {
              batch_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, variance, rows, channels,
                              epsilon, scratch);
            });
          }};
}

Prepared prepare_layer_norm(const Node& node) {
  const std::int64_t rows = node.outputs[1].shape.size(), columns = node.inputs[1].shape().size();
  const double epsilon = static_cast<const LayerNormOp&>(*node.op).epsilon;
  return {
      simd_implementation(), 0, {0, -1, -1}, [=](const Views& in, const Views& out, std::byte*) {
        return Kernel([=, y = out[0].as<float>(), mean = out[1].as<float>(),
                       rstd = out[2].as<float>(), x = in[0].as<float>(), gamma = in[1].as<float>(),
                       beta = in[2].as<float>()] {
          layer_norm(y, mean, rstd, x, gamma, beta, rows, columns, epsilon);
        });
      }};
}

Prepared prepare_layer_norm_grad(const Node& node) {
  const std::int64_t rows = node.inputs[3].shape().size(), columns = node.inputs[2].shape().size();
  return {simd_implementation(),
          layer_norm_grad_scratch_bytes(rows, columns),
          {0, -1, -1},
          [=](const Views& in, const Views& out, std::byte* scratch) {
            return Kernel([=, dx = out[0].as<float>(), dgamma = out[1].as<float>(),
                           dbeta = out[2].as<float>(), dy = in[0].as<float>(),
                           x = in[1].as<float>(), gamma = in[2].as<float>(),
                           mean = in[3].as<float>(), rstd = in[4].as<float>()] {
              layer_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, rstd, rows, columns, scratch);
            });
          }};
}

constexpr KernelRow kRows[] = {{"batch_norm", accepts_float32, prepare_forward},
                               {"batch_norm_grad", accepts_float32, prepare_grad},
                               {"layer_norm", accepts_float32, prepare_layer_norm},
                               {"layer_norm_grad", accepts_float32, prepare_layer_norm_grad}};

}  // namespace

std::span<const KernelRow> normalization_rows() { return kRows; }

}  // namespace banach::cpu
