#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/cpu/upsampling.hpp>

namespace banach::cpu {
namespace {

template <class SomeOp>
UpSampleShape shape_of(const Node& node, const Shape& x) {
  const auto& op = static_cast<const SomeOp&>(*node.op);
  return {x[0],
          x[1],
          x[2],
          x[3],
          make_samples(op.interpolation, x[1], op.factor.height),
          make_samples(op.interpolation, x[2], op.factor.width)};
}

Prepared prepare_forward(const Node& node) {
  return {simd_implementation(),
          0,
          {},
          [shape = shape_of<UpSample2DOp>(node, node.inputs[0].shape())](
              const Views& in, const Views& out, std::byte*) {
            return Kernel(
                [shape, y = out[0].as<float>(), x = in[0].as<float>()] { up_sample(y, x, shape); });
          }};
}

Prepared prepare_grad(const Node& node) {
  return {simd_implementation(),
          0,
          {},
          [shape = shape_of<UpSample2DGradOp>(node, node.outputs[0].shape)](
              const Views& in, const Views& out, std::byte*) {
            return Kernel([shape, dx = out[0].as<float>(), dy = in[0].as<float>()] {
              up_sample_grad(dx, dy, shape);
            });
          }};
}

constexpr KernelRow kRows[] = {{"up_sample2d", accepts_float32, prepare_forward},
                               {"up_sample2d_grad", accepts_float32, prepare_grad}};

}  // namespace

std::span<const KernelRow> upsampling_rows() { return kRows; }

}  // namespace banach::cpu
