#include <banach/backend/cpu/conv.hpp>
#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/convolution.hpp>

namespace banach::cpu {
namespace {

ConvShape conv_shape(const Shape& x, std::int64_t filters, const Window& window,
                     std::int64_t groups) {
  return {x[0], x[1], x[2], x[3], filters, groups, window};
}

bool accepts_conv(const Node& node) {
  return accepts_product(node, static_cast<const Conv2DOp&>(*node.op).epilogue);
}

Prepared prepare_conv(const Node& node) {
  const auto& op = static_cast<const Conv2DOp&>(*node.op);
  const ConvShape shape =
      conv_shape(node.inputs[0].shape(), node.outputs[0].shape[3], op.window, op.groups);
  return {gemm_implementation(),
          conv_forward_scratch_bytes(shape),
          {},
          [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            const auto& conv = static_cast<const Conv2DOp&>(*op);
            return Kernel([=, e = epilogue_arguments(conv.epilogue, out[0].spec.shape, in),
                           y = out[0].as<float>(), x = in[0].as<float>(),
                           w = in[1].as<float>()] { conv_forward(y, x, w, shape, e, scratch); });
          }};
}

Prepared prepare_input_grad(const Node& node) {
  const auto& op = static_cast<const Conv2DInputGradOp&>(*node.op);
  const ConvShape shape =
      conv_shape(node.outputs[0].shape, node.inputs[1].dim(3), op.window, op.groups);
  return {gemm_implementation(),
          conv_input_grad_scratch_bytes(shape),
          {},
          [=](const Views& in, const Views& out, std::byte* scratch) {
            return Kernel([=, dx = out[0].as<float>(), dy = in[0].as<float>(),
                           w = in[1].as<float>()] { conv_input_grad(dx, dy, w, shape, scratch); });
          }};
}

Prepared prepare_kernel_grad(const Node& node) {
  const auto& op = static_cast<const Conv2DKernelGradOp&>(*node.op);
  const ConvShape shape =
      conv_shape(node.inputs[0].shape(), node.outputs[0].shape[3], op.window, op.groups);
  return {
      gemm_implementation(),
      conv_kernel_grad_scratch_bytes(shape),
      {},
      [=](const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, dw = out[0].as<float>(), x = in[0].as<float>(), dy = in[1].as<float>()] {
          conv_kernel_grad(dw, x, dy, shape, scratch);
        });
      }};
}

constexpr KernelRow kRows[] = {{"conv2d", accepts_conv, prepare_conv},
                               {"fused_conv2d", accepts_conv, prepare_conv},
                               {"conv2d_input_grad", accepts_float32, prepare_input_grad},
                               {"conv2d_kernel_grad", accepts_float32, prepare_kernel_grad}};

}  // namespace

std::span<const KernelRow> convolution_rows() { return kRows; }

}  // namespace banach::cpu
