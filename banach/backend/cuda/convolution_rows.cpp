#include <banach/backend/cuda/convolution_cudnn.hpp>
#include <banach/backend/cuda/epilogue.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/convolution.hpp>

namespace banach::cuda {
namespace {

std::int64_t pixels(const ConvShape& s) {
  return std::int64_t{s.batch} * s.out_height * s.out_width;
}

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

// Of one floating-point type, and pixels that an int can count.
bool accepts_images(const Node& node, const Shape& x, const Shape& y) {
  constexpr std::int64_t kMostPixels = std::int64_t{1} << 30;
  const auto fits = [](const Shape& s) { return s[0] * s[1] * s[2] < kMostPixels; };
  const DType dtype = node.outputs[0].dtype;
  return is_floating(dtype) && node.inputs[0].dtype() == dtype && node.inputs[1].dtype() == dtype &&
         fits(x) && fits(y);
}

bool accepts_forward(const Node& node) {
  const auto& op = static_cast<const Conv2DOp&>(*node.op);
  return accepts_images(node, node.inputs[0].shape(), node.outputs[0].shape) &&
         accepts_epilogue(node, op.epilogue, node.outputs[0].dtype);
}
bool accepts_input_grad(const Node& node) {
  return accepts_images(node, node.outputs[0].shape, node.inputs[0].shape());
}
bool accepts_kernel_grad(const Node& node) {
  return accepts_images(node, node.inputs[0].shape(), node.inputs[1].shape());
}

template <class T>
Prepared prepare_forward_of(const Node& node) {
  const ConvShape shape = forward_shape(node);
  const auto conv = find_cudnn_conv(ConvProduct::forward, shape, node.outputs[0].dtype);
  return {conv != nullptr ? "cudnn" : "cuda",
          conv != nullptr ? scratch_bytes(*conv) : 0,
          {},
          [shape, conv, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            if (conv != nullptr) open_cudnn();
            const Epilogue& epilogue = static_cast<const Conv2DOp&>(*op).epilogue;
            return Kernel([=, e = epilogue_arguments(epilogue, out[0].spec.shape, in),
                           y = out[0].as<T>(), x = in[0].as<T>(), w = in[1].as<T>()]() -> Status {
              if (conv == nullptr) return conv_forward(y, x, w, shape, e);
              const Status status = cudnn_conv(*conv, y, x, w, scratch);
              if (status != 0 || is_empty(e)) return status;
              return apply_epilogue<T>(y, pixels(shape), shape.filters, e);
            });
          },
          conv != nullptr ? cudnn_shared() : nullptr};
}

Prepared prepare_forward(const Node& node) {
  return visit_floating(node.outputs[0].dtype,
                        [&]<class T>() { return prepare_forward_of<T>(node); });
}

// A gradient by cuDNN where it takes it, else by own(out, a, b, shape, scratch).
template <class T, class Own>
Prepared prepare_grad(ConvProduct product, const ConvShape& shape, DType dtype,
                      std::size_t own_scratch_bytes, Own own) {
  const auto conv = find_cudnn_conv(product, shape, dtype);
  return {conv != nullptr ? "cudnn" : "cuda",
          conv != nullptr ? scratch_bytes(*conv) : own_scratch_bytes,
          {},
          [shape, conv, own](const Views& in, const Views& out, std::byte* scratch) {
            if (conv != nullptr) open_cudnn();
            return Kernel([=, to = out[0].as<T>(), a = in[0].as<T>(), b = in[1].as<T>()] {
              return conv != nullptr ? cudnn_conv(*conv, to, a, b, scratch)
                                     : own(to, a, b, shape, scratch);
            });
          },
          conv != nullptr ? cudnn_shared() : nullptr};
}

Prepared prepare_input_grad(const Node& node) {
  return visit_floating(node.outputs[0].dtype, [&]<class T>() {
    const auto own = [](T* dx, const T* dy, const T* w, const ConvShape& shape, std::byte*) {
      return conv_input_grad(dx, dy, w, shape);
    };
    return prepare_grad<T>(ConvProduct::input_grad, input_grad_shape(node), node.outputs[0].dtype,
                           0, own);
  });
}

Prepared prepare_kernel_grad(const Node& node) {
  const ConvShape shape = kernel_grad_shape(node);
  const DType dtype = node.outputs[0].dtype;
  return visit_floating(dtype, [&]<class T>() {
    return prepare_grad<T>(ConvProduct::kernel_grad, shape, dtype,
                           conv_kernel_grad_scratch_bytes(shape, dtype), conv_kernel_grad<T>);
  });
}

constexpr KernelRow kRows[] = {{"conv2d", accepts_forward, prepare_forward},
                               {"fused_conv2d", accepts_forward, prepare_forward},
                               {"conv2d_input_grad", accepts_input_grad, prepare_input_grad},
                               {"conv2d_kernel_grad", accepts_kernel_grad, prepare_kernel_grad}};

}  // namespace

std::span<const KernelRow> convolution_rows() { return kRows; }

}  // namespace banach::cuda
