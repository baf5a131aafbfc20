#include <banach/backend/cuda/rows.hpp>
#include <banach/backend/cuda/upsampling.hpp>
#include <banach/ops/upsampling.hpp>

namespace banach::cuda {
namespace {

template <class SomeOp>
UpSampleShape shape_of(const Node& node, const Shape& x) {
  const auto& op = static_cast<const SomeOp&>(*node.op);
  return {x[0], x[1], x[2], x[3], op.factor.height, op.factor.width, op.interpolation};
}

Prepared prepare_forward(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    return Kernel([shape = shape_of<UpSample2DOp>(n, in[0].spec.shape), y = out[0].as<T>(),
                   x = in[0].as<T>()] { return up_sample(y, x, shape); });
  });
}

Prepared prepare_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    return Kernel([shape = shape_of<UpSample2DGradOp>(n, out[0].spec.shape), dx = out[0].as<T>(),
                   dy = in[0].as<T>()] { return up_sample_grad(dx, dy, shape); });
  });
}

constexpr KernelRow kRows[] = {{"up_sample2d", accepts_floating, prepare_forward},
                               {"up_sample2d_grad", accepts_floating, prepare_grad}};

}  // namespace

std::span<const KernelRow> upsampling_rows() { return kRows; }

}  // namespace banach::cuda
