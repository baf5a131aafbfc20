#include <banach/backend/cuda/rows.hpp>
#include <banach/backend/cuda/shape.hpp>
#include <banach/ops/shape.hpp>

namespace banach::cuda {
namespace {

// Elements are moved as they are, so every dtype will do.
Prepared prepare_gather(const Node& node, const Steps& steps) {
  const Walk<1> walk = make_walk<1>(node.outputs[0].shape, {steps});
  const std::size_t bytes = size_of(node.outputs[0].dtype);
  return {"cuda", 0, {}, [walk, bytes](const Views& in, const Views& out, std::byte*) {
            return Kernel([walk, bytes, y = out[0].data, x = in[0].data] {
              return gather(y, x, walk, bytes);
            });
          }};
}

Prepared prepare_transpose(const Node& node) {
  const Steps strides = node.inputs[0].shape().strides();
  Steps steps;
  for (const int axis : static_cast<const TransposeOp&>(*node.op).permutation) {
    steps.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  return prepare_gather(node, steps);
}

Prepared prepare_broadcast_to(const Node& node) {
  return prepare_gather(node, broadcast_steps(node.inputs[0].shape(), node.outputs[0].shape));
}

Prepared prepare_copy(const Node& node) {
  const TensorSpec& y = node.outputs[0];
  const std::int64_t bytes = y.shape.size() * static_cast<std::int64_t>(size_of(y.dtype));
  return {
      "cuda", 0, {}, [bytes](const Views& in, const Views& out, std::byte*) {
        return Kernel([bytes, y = out[0].data, x = in[0].data] { return copy_bytes(y, x, bytes); });
      }};
}

constexpr KernelRow kRows[] = {{"transpose", accepts_all, prepare_transpose},
                               {"broadcast_to", accepts_all, prepare_broadcast_to},
                               {"copy", accepts_all, prepare_copy}};

}  // namespace

std::span<const KernelRow> shape_rows() { return kRows; }

}  // namespace banach::cuda
