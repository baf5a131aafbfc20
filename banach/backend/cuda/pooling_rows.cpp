#include <banach/backend/cuda/pooling.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/pooling.hpp>

namespace banach::cuda {
namespace {

PoolShape pool_shape(const Window& w, const Shape& x, const Shape& y) {
  const auto to_int = [](std::int64_t size) { return static_cast<int>(size); };
  return {x[0],
          to_int(x[1]),
          to_int(x[2]),
          to_int(x[3]),
          to_int(y[1]),
          to_int(y[2]),
          to_int(w.size.height),
          to_int(w.size.width),
          to_int(w.strides.height),
          to_int(w.strides.width),
          to_int(w.before.height),
          to_int(w.before.width)};
}

Prepared prepare_forward(const Node& node) {
  return prepare_any_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const auto& op = static_cast<const Pool2DOp&>(*n.op);
    return Kernel([run = op.kind == Pooling::max ? max_pool<T> : average_pool<T>,
                   y = out[0].as<T>(), x = in[0].as<T>(),
                   shape = pool_shape(op.window, in[0].spec.shape, out[0].spec.shape)] {
      return run(y, x, shape);
    });
  });
}

Prepared prepare_grad(const Node& node) {
  return prepare_any_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const auto& op = static_cast<const Pool2DGradOp&>(*n.op);
    return Kernel([dx = out[0].as<T>(), dy = in[0].as<T>(),
                   x = op.kind == Pooling::max ? in[1].as<T>() : nullptr,
                   shape = pool_shape(op.window, op.x_shape, in[0].spec.shape)] {
      return x != nullptr ? max_pool_grad(dx, dy, x, shape) : average_pool_grad(dx, dy, shape);
    });
  });
}

constexpr KernelRow kRows[] = {{"max_pool2d", accepts_any_floating, prepare_forward},
                               {"average_pool2d", accepts_any_floating, prepare_forward},
                               {"max_pool2d_grad", accepts_any_floating, prepare_grad},
                               {"average_pool2d_grad", accepts_any_floating, prepare_grad}};

}  // namespace

std::span<const KernelRow> pooling_rows() { return kRows; }

}  // namespace banach::cuda
