#include <banach/backend/cpu/conv.hpp>
#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>
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
  return {conv_implementation(shape),
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
  return {conv_implementation(shape),
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
      conv_implementation(shape),
      conv_kernel_grad_scratch_bytes(shape),
      {},
      [=](const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, dw = out[0].as<float>(), x = in[0].as<float>(), dy = in[1].as<float>()] {
          conv_kernel_grad(dw, x, dy, shape, scratch);
        });
      }};
}

// Convolutions of bfloat16 sum in float32, from widened images and weights to rounded pixels.
// Depthwise ones are left to their float32 kernels, between casts.

bool accepts_bf16_conv(const Node& node) {
  const auto& op = static_cast<const Conv2DOp&>(*node.op);
  return is_bfloat16(node, op.epilogue.bias ? 3 : 2) &&
         !is_depthwise(op.groups, node.inputs[1].shape()) &&
         find_activation(op.epilogue.activation).has_value();
}

bool accepts_bf16_kernel_grad(const Node& node) {
  const auto& op = static_cast<const Conv2DKernelGradOp&>(*node.op);
  return is_bfloat16(node, 2) && !is_depthwise(op.groups, op.w_shape);
}

Prepared prepare_bf16_conv(const Node& node) {
  const auto& op = static_cast<const Conv2DOp&>(*node.op);
  const std::int64_t filters = node.outputs[0].shape[3];
  const ConvShape shape = conv_shape(node.inputs[0].shape(), filters, op.window, op.groups);
  Scratch count(nullptr);
  for (const std::int64_t size : {node.inputs[0].shape().size(), node.inputs[1].shape().size(),
                                  op.epilogue.bias ? filters : 0}) {
    count.take<float>(size);
  }
  return {conv_implementation(shape),
          count.bytes() + conv_forward_scratch_bytes(shape, bfloat16),
          {},
          [=, op = node.op](const Views& in, const Views& out, std::byte* memory) {
            Scratch scratch(memory);
            float* x = scratch.take<float>(in[0].size());
            float* w = scratch.take<float>(in[1].size());
            EpilogueArguments e = epilogue_arguments(static_cast<const Conv2DOp&>(*op).epilogue,
                                                     out[0].spec.shape, in);
            float* bias = e.bias == nullptr ? nullptr : scratch.take<float>(filters);
            e.bias = bias;
            return Kernel([=, y = out[0].as<BFloat16>(), rest = memory + scratch.bytes()] {
              convert_parallel(x, in[0].as<BFloat16>(), in[0].size());
              convert_parallel(w, in[1].as<BFloat16>(), in[1].size());
              if (bias != nullptr) convert(bias, in[2].as<BFloat16>(), filters);
              conv_forward(y, x, w, shape, e, rest);
            });
          }};
}

Prepared prepare_bf16_kernel_grad(const Node& node) {
  const auto& op = static_cast<const Conv2DKernelGradOp&>(*node.op);
  const ConvShape shape =
      conv_shape(node.inputs[0].shape(), node.outputs[0].shape[3], op.window, op.groups);
  Scratch count(nullptr);
  count.take<float>(node.inputs[0].shape().size());
  count.take<float>(node.outputs[0].shape.size());
  return {conv_implementation(shape),
          count.bytes() + conv_kernel_grad_scratch_bytes(shape, bfloat16),
          {},
          [=](const Views& in, const Views& out, std::byte* memory) {
            Scratch scratch(memory);
            float* x = scratch.take<float>(in[0].size());
            float* dw = scratch.take<float>(out[0].size());
            return Kernel([=, rest = memory + scratch.bytes()] {
              convert_parallel(x, in[0].as<BFloat16>(), in[0].size());
              conv_kernel_grad(dw, x, in[1].as<BFloat16>(), shape, rest);
              convert(out[0].as<BFloat16>(), dw, out[0].size());
            });
          }};
}

constexpr KernelRow kRows[] = {
    {"conv2d", accepts_conv, prepare_conv},
    {"conv2d", accepts_bf16_conv, prepare_bf16_conv},
    {"fused_conv2d", accepts_conv, prepare_conv},
    {"fused_conv2d", accepts_bf16_conv, prepare_bf16_conv},
    {"conv2d_kernel_grad", accepts_bf16_kernel_grad, prepare_bf16_kernel_grad},
    {"conv2d_input_grad", accepts_float32, prepare_input_grad},
    {"conv2d_kernel_grad", accepts_float32, prepare_kernel_grad}};

}  // namespace

std::span<const KernelRow> convolution_rows() { return kRows; }

}  // namespace banach::cpu
