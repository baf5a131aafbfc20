#include <banach/backend/cuda/rows.hpp>
#include <banach/backend/cuda/shape.hpp>
#include <banach/backend/cuda/slice.hpp>
#include <banach/ops/slice.hpp>

namespace banach::cuda {
namespace {

// Elements are moved as they are, so every dtype will do.
Prepared prepare_slice(const Node& node) {
  const TensorSpec &x = node.inputs[0].spec(), &y = node.outputs[0];
  const Steps steps = x.shape.strides();
  const Shape& start = static_cast<const SliceOp&>(*node.op).start;
  std::int64_t first = 0;
  for (int axis = 0; axis < start.rank(); ++axis) {
    first += start[axis] * steps[static_cast<std::size_t>(axis)];
  }
  const std::size_t bytes = size_of(y.dtype);
  return {"cuda",
          0,
          {},
          [walk = make_walk<1>(y.shape, {steps}), bytes,
           offset = first * static_cast<std::int64_t>(bytes)](const Views& in, const Views& out,
                                                              std::byte*) {
            return Kernel([walk, bytes, y = out[0].data, x = in[0].data + offset] {
              return gather(y, x, walk, bytes);
            });
          }};
}

Prepared prepare_pad(const Node& node) {
  const TensorSpec& y = node.outputs[0];
  const Padding padding(y.shape, static_cast<const PadOp&>(*node.op).before,
                        node.inputs[0].shape());
  return {"cuda",
          0,
          {},
          [padding, bytes = size_of(y.dtype)](const Views& in, const Views& out, std::byte*) {
            return Kernel([padding, bytes, y = out[0].data, x = in[0].data] {
              return pad(y, x, padding, bytes);
            });
          }};
}

Prepared prepare_concatenate(const Node& node) {
  const int axis = static_cast<const ConcatenateOp&>(*node.op).axis;
  const TensorSpec& y = node.outputs[0];
  return {"cuda",
          0,
          {},
          [axis, rows = y.shape.slice(0, axis).size(), bytes = size_of(y.dtype)](
              const Views& in, const Views& out, std::byte*) {
            std::vector<Part> parts;
            for (const View& x : in) {
              parts.push_back({x.data, x.spec.shape.slice(axis, x.spec.shape.rank()).size()});
            }
            return Kernel([parts = std::move(parts), rows, bytes, y = out[0].data] {
              return concatenate(y, parts, rows, bytes);
            });
          }};
}

constexpr KernelRow kRows[] = {{"slice", accepts_all, prepare_slice},
                               {"pad", accepts_all, prepare_pad},
                               {"concatenate", accepts_all, prepare_concatenate}};

}  // namespace

std::span<const KernelRow> slice_rows() { return kRows; }

}  // namespace banach::cuda
