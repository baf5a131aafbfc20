#include <banach/backend/cpu/pooling.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/pooling.hpp>

namespace banach::cpu {
namespace {

PoolShape pool_shape(const Window& window, const Shape& x, const Shape& y) {
  return {window, x[0], x[1], x[2], x[3], y[1], y[2]};
}

template <void (*kKernel)(float* y, const float* x, const PoolShape& shape)>
Prepared prepare_forward(const Node& node) {
  const auto& op = static_cast<const Pool2DOp&>(*node.op);
  return {simd_implementation(),
          0,
          {},
          [shape = pool_shape(op.window, node.inputs[0].shape(), node.outputs[0].shape)](
              const Views& in, const Views& out, std::byte*) {
            return Kernel(
                [shape, y = out[0].as<float>(), x = in[0].as<float>()] { kKernel(y, x, shape); });
          }};
}

Prepared prepare_grad(const Node& node) {
  const auto& op = static_cast<const Pool2DGradOp&>(*node.op);
  return {simd_implementation(),
          0,
          {},
          [kind = op.kind, shape = pool_shape(op.window, op.x_shape, node.inputs[0].shape())](
              const Views& in, const Views& out, std::byte*) {
            return Kernel([=, dx = out[0].as<float>(), dy = in[0].as<float>(),
                           x = kind == Pooling::max ? in[1].as<float>() : nullptr] {
              if (kind == Pooling::max) {
                max_pool_grad(dx, dy, x, shape);
              } else {
                average_pool_grad(dx, dy, shape);
              }
            });
          }};
}

constexpr KernelRow kRows[] = {{"max_pool2d", accepts_float32, prepare_forward<max_pool>},
                               {"average_pool2d", accepts_float32, prepare_forward<average_pool>},
                               {"max_pool2d_grad", accepts_float32, prepare_grad},
                               {"average_pool2d_grad", accepts_float32, prepare_grad}};

}  // namespace

std::span<const KernelRow> pooling_rows() { return kRows; }

}  // namespace banach::cpu
