#include <banach/backend/cpu/depthwise.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/convolution.hpp>

namespace banach::cpu {
namespace {

ConvShape conv_shape(const Shape& x, std::int64_t filters, const Window& window) {
  return {x[0], x[1], x[2], x[3], filters, x[3], window};
}

bool accepts_forward(const Node& node) {
  const auto& op = static_cast<const Conv2DOp&>(*node.op);
  return is_depthwise(op.groups, node.inputs[1].shape()) && accepts_product(node, op.epilogue);
}

bool accepts_input_grad(const Node& node) {
  const auto& op = static_cast<const Conv2DInputGradOp&>(*node.op);
  return is_depthwise(op.groups, node.inputs[1].shape()) && accepts_float32(node);
}

bool accepts_kernel_grad(const Node& node) {
  const auto& op = static_cast<const Conv2DKernelGradOp&>(*node.op);
  return is_depthwise(op.groups, op.w_shape) && accepts_float32(node);
}

Prepared prepare_forward(const Node& node) {
  const ConvShape shape = conv_shape(node.inputs[0].shape(), node.outputs[0].shape[3],
                                     static_cast<const Conv2DOp&>(*node.op).window);
  return {simd_implementation(),
          depthwise_forward_scratch_bytes(shape),
          {},
          [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            const Epilogue& epilogue = static_cast<const Conv2DOp&>(*op).epilogue;
            return Kernel([=, e = epilogue_arguments(epilogue, out[0].spec.shape, in),
                           y = out[0].as<float>(), x = in[0].as<float>(), w = in[1].as<float>()] {
              depthwise_forward(y, x, w, shape, e, scratch);
            });
          }};
}

Prepared prepare_input_grad(const Node& node) {
  const ConvShape shape = conv_shape(node.outputs[0].shape, node.inputs[1].dim(3),
                                     static_cast<const Conv2DInputGradOp&>(*node.op).window);
  return {
      simd_implementation(),
      depthwise_input_grad_scratch_bytes(shape),
      {},
      [=](const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, dx = out[0].as<float>(), dy = in[0].as<float>(), w = in[1].as<float>()] {
          depthwise_input_grad(dx, dy, w, shape, scratch);
        });
      }};
}

Prepared prepare_kernel_grad(const Node& node) {
  const ConvShape shape = conv_shape(node.inputs[0].shape(), node.outputs[0].shape[3],
                                     static_cast<const Conv2DKernelGradOp&>(*node.op).window);
  return {
      simd_implementation(),
      depthwise_kernel_grad_scratch_bytes(shape),
      {},
      [=](const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, dw = out[0].as<float>(), x = in[0].as<float>(), dy = in[1].as<float>()] {
          depthwise_kernel_grad(dw, x, dy, shape, scratch);
        });
      }};
}

constexpr KernelRow kRows[] = {{"conv2d", accepts_forward, prepare_forward},
                               {"fused_conv2d", accepts_forward, prepare_forward},
                               {"conv2d_input_grad", accepts_input_grad, prepare_input_grad},
                               {"conv2d_kernel_grad", accepts_kernel_grad, prepare_kernel_grad}};

}  // namespace

bool is_depthwise(std::int64_t groups, const Shape& w) { return groups > 1 && w[2] == 1; }

std::span<const KernelRow> depthwise_rows() { return kRows; }

}  // namespace banach::cpu
