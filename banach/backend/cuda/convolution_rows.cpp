#include <banach/backend/cuda/convolution.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/core/bfloat16.hpp>
#include <banach/ops/convolution.hpp>

#include <algorithm>

namespace banach::cuda {
namespace {

int to_int(std::int64_t size) { return static_cast<int>(size); }
HeightWidth to_ints(const Size2& size) { return {to_int(size.height), to_int(size.width)}; }

ConvShape conv_shape(const Window& window, std::int64_t groups, const Shape& x, const Shape& y) {
  return {to_int(x[0]),
          to_int(x[1]),
          to_int(x[2]),
          to_int(x[3]),
          to_int(y[1]),
          to_int(y[2]),
          to_int(y[3]),
          to_int(groups),
          to_ints(window.size),
          to_ints(window.strides),
          to_ints(window.dilation),
          to_ints(window.before)};
}

ConvShape forward_shape(const Node& node) {
  const auto& op = static_cast<const Conv2DOp&>(*node.op);
  return conv_shape(op.window, op.groups, node.inputs[0].shape(), node.outputs[0].shape);
}
ConvShape input_grad_shape(const Node& node) {
  const auto& op = static_cast<const Conv2DInputGradOp&>(*node.op);
  return conv_shape(op.window, op.groups, op.x_shape, node.inputs[0].shape());
}
ConvShape kernel_grad_shape(const Node& node) {
  const auto& op = static_cast<const Conv2DKernelGradOp&>(*node.op);
  return conv_shape(op.window, op.groups, node.inputs[0].shape(), node.inputs[1].shape());
}

// One floating-point type throughout, and pixels that an int can count.
bool accepts_conv(const Node& node) {
  constexpr std::int64_t kMostPixels = std::int64_t{1} << 30;
  const auto is_small = [](const Shape& s) {
    return s.rank() != 4 || std::max({s[0], s[1], s[2]}) == 0 || s.size() / s[3] < kMostPixels;
  };
  const DType dtype = node.outputs[0].dtype;
  return is_floating(dtype) && is_small(node.outputs[0].shape) &&
         std::ranges::all_of(node.inputs, [&](const Tensor& x) {
           return x.dtype() == dtype && is_small(x.shape());
         });
}

// make.operator()<T>(in, out, scratch) for the node's type.
template <class Make>
Prepared prepare_conv(const Node& node, std::size_t scratch_bytes, Make make) {
  return {
      "cuda",
      scratch_bytes,
      {},
      [dtype = node.outputs[0].dtype, make](const Views& in, const Views& out, std::byte* scratch) {
        if (dtype == float64) return make.template operator()<double>(in, out, scratch);
        if (dtype == float32) return make.template operator()<float>(in, out, scratch);
        return make.template operator()<BFloat16>(in, out, scratch);
      }};
}

Prepared prepare_forward(const Node& node) {
  return prepare_conv(
      node, 0,
      [shape = forward_shape(node)]<class T>(const Views& in, const Views& out, std::byte*) {
        return Kernel([=, y = out[0].as<T>(), x = in[0].as<T>(), w = in[1].as<T>()] {
          return conv_forward(y, x, w, shape);
        });
      });
}

Prepared prepare_input_grad(const Node& node) {
  return prepare_conv(
      node, 0,
      [shape = input_grad_shape(node)]<class T>(const Views& in, const Views& out, std::byte*) {
        return Kernel([=, dx = out[0].as<T>(), dy = in[0].as<T>(), w = in[1].as<T>()] {
          return conv_input_grad(dx, dy, w, shape);
        });
      });
}

Prepared prepare_kernel_grad(const Node& node) {
  const ConvShape shape = kernel_grad_shape(node);
  return prepare_conv(
      node, conv_kernel_grad_scratch_bytes(shape, node.outputs[0].dtype),
      [shape]<class T>(const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, dw = out[0].as<T>(), x = in[0].as<T>(), dy = in[1].as<T>()] {
          return conv_kernel_grad(dw, x, dy, shape, scratch);
        });
      });
}

constexpr KernelRow kRows[] = {{"conv2d", accepts_conv, prepare_forward},
                               {"conv2d_input_grad", accepts_conv, prepare_input_grad},
                               {"conv2d_kernel_grad", accepts_conv, prepare_kernel_grad}};

}  // namespace

std::span<const KernelRow> convolution_rows() { return kRows; }

}  // namespace banach::cuda
