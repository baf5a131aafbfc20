#include <banach/backend/cuda/convolution_cudnn.hpp>
#include <banach/backend/cuda/epilogue.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/core/bfloat16.hpp>
#include <banach/ops/convolution.hpp>

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

// Calls make.operator()<T>() with a dtype's T.
template <class Make>
auto with_type(DType dtype, const Make& make) {
  if (dtype == float64) return make.template operator()<double>();
  if (dtype == float32) return make.template operator()<float>();
  return make.template operator()<BFloat16>();
}

// A row's Prepared: by cuDNN where it takes the product, else by run(out, a, b, shape, scratch),
// where run.operator()<T> is of own kernels.
template <class T, class Own>
Prepared prepare_product(ConvProduct product, const ConvShape& shape, DType dtype,
                         std::size_t own_scratch_bytes, Own own) {
  if (const auto conv = find_cudnn_conv(product, shape, dtype)) {
    return {"cudnn",
            scratch_bytes(*conv),
            {},
            [conv](const Views& in, const Views& out, std::byte* scratch) {
              return Kernel([=, to = out[0].data, a = in[0].data, b = in[1].data] {
                return cudnn_conv(*conv, to, a, b, scratch);
              });
            }};
  }
  return {"cuda",
          own_scratch_bytes,
          {},
          [shape, own](const Views& in, const Views& out, std::byte* scratch) {
            return Kernel([=, to = out[0].as<T>(), a = in[0].as<T>(), b = in[1].as<T>()] {
              return own(to, a, b, shape, scratch);
            });
          }};
}

// `prepared`, then the op's epilogue in place.
template <class T>
Prepared with_epilogue(Prepared prepared, const std::shared_ptr<const Op>& op) {
  const auto& conv = static_cast<const Conv2DOp&>(*op);
  if (conv.epilogue.is_empty()) return prepared;
  prepared.bind = [op, bind = std::move(prepared.bind)](const Views& in, const Views& out,
                                                        std::byte* scratch) {
    const Epilogue& epilogue = static_cast<const Conv2DOp&>(*op).epilogue;
    const Shape& shape = out[0].spec.shape;
    return Kernel([product = bind(in, out, scratch), z = out[0].as<T>(), columns = shape[3],
                   rows = shape[0] * shape[1] * shape[2], op,
                   e = epilogue_arguments(epilogue, shape, in)] {
      if (const Status status = product(); status != 0) return status;
      return apply_epilogue<T>(z, rows, columns, e);
    });
  };
  return prepared;
}

Prepared prepare_forward(const Node& node) {
  return with_type(node.outputs[0].dtype, [&]<class T>() {
    const auto own = [](T* y, const T* x, const T* w, const ConvShape& shape, std::byte*) {
      return conv_forward(y, x, w, shape);
    };
    return with_epilogue<T>(prepare_product<T>(ConvProduct::forward, forward_shape(node),
                                               node.outputs[0].dtype, 0, own),
                            node.op);
  });
}

Prepared prepare_input_grad(const Node& node) {
  return with_type(node.outputs[0].dtype, [&]<class T>() {
    const auto own = [](T* dx, const T* dy, const T* w, const ConvShape& shape, std::byte*) {
      return conv_input_grad(dx, dy, w, shape);
    };
    return prepare_product<T>(ConvProduct::input_grad, input_grad_shape(node),
                              node.outputs[0].dtype, 0, own);
  });
}

Prepared prepare_kernel_grad(const Node& node) {
  const ConvShape shape = kernel_grad_shape(node);
  const DType dtype = node.outputs[0].dtype;
  return with_type(dtype, [&]<class T>() {
    return prepare_product<T>(ConvProduct::kernel_grad, shape, dtype,
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
