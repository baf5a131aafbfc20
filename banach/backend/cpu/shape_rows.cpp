#include <banach/backend/cpu/box.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/cpu/transpose.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/slice.hpp>

namespace banach::cpu {
namespace {

// Bytes are copied, so every dtype will do.
bool accepts_all(const Node&) { return true; }

Shape origin(const Shape& shape) {
  Shape result;
  while (result.rank() < shape.rank()) result.push_back(0);
  return result;
}

Prepared prepare_slice(const Node& node) {
  const TensorSpec &x = node.inputs[0].spec(), &y = node.outputs[0];
  const Box box(y.shape, y.shape, origin(y.shape), x.shape,
                static_cast<const SliceOp&>(*node.op).start, size_of(y.dtype));
  return {"memcpy", 0, {}, [box](const Views& in, const Views& out, std::byte*) {
            return Kernel([box, y = out[0].data, x = in[0].data] { copy_box(y, x, box); });
          }};
}

Prepared prepare_pad(const Node& node) {
  const TensorSpec &x = node.inputs[0].spec(), &y = node.outputs[0];
  const Box box(x.shape, y.shape, static_cast<const PadOp&>(*node.op).before, x.shape,
                origin(x.shape), size_of(y.dtype));
  return {"memcpy", 0, {}, [box](const Views& in, const Views& out, std::byte*) {
            return Kernel([box, y = out[0].data, x = in[0].data] { pad_box(y, x, box); });
          }};
}

Prepared prepare_concatenate(const Node& node) {
  const int axis = static_cast<const ConcatenateOp&>(*node.op).axis;
  const TensorSpec& y = node.outputs[0];
  std::vector<Box> boxes;
  Shape start = origin(y.shape);
  for (const Tensor& x : node.inputs) {
    boxes.emplace_back(x.shape(), y.shape, start, x.shape(), origin(y.shape), size_of(y.dtype));
    start[axis] += x.dim(axis);
  }
  return {"memcpy", 0, {}, [boxes](const Views& in, const Views& out, std::byte*) {
            return Kernel([boxes, in, y = out[0].data] {
              for (std::size_t i = 0; i < boxes.size(); ++i) copy_box(y, in[i].data, boxes[i]);
            });
          }};
}

bool accepts_transpose(const Node& node) {
  return accepts_float32(node) && node.outputs[0].shape.rank() > 0;
}

Prepared prepare_transpose(const Node& node) {
  const std::vector<std::int64_t> x_steps = node.inputs[0].shape().strides();
  std::vector<std::int64_t> steps;
  for (const int axis : static_cast<const TransposeOp&>(*node.op).permutation) {
    steps.push_back(x_steps[static_cast<std::size_t>(axis)]);
  }
  return {"loops",
          0,
          {},
          [steps, shape = node.outputs[0].shape](const Views& in, const Views& out, std::byte*) {
            return Kernel([steps, shape, y = out[0].as<float>(), x = in[0].as<float>()] {
              transpose(y, x, shape, steps);
            });
          }};
}

constexpr KernelRow kRows[] = {{"slice", accepts_all, prepare_slice},
                               {"pad", accepts_all, prepare_pad},
                               {"concatenate", accepts_all, prepare_concatenate},
                               {"transpose", accepts_transpose, prepare_transpose}};

}  // namespace

std::span<const KernelRow> shape_rows() { return kRows; }

}  // namespace banach::cpu
