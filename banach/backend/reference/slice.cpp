#include <banach/backend/reference/reference.hpp>
#include <banach/ops/slice.hpp>

#include <algorithm>

namespace banach::reference {
namespace {

using Steps = std::vector<std::int64_t>;

// to[i] = from[i] for all positions i of a box in two row-major arrays.
template <class T>
void copy_box(T* to, const Steps& to_steps, const T* from, const Steps& from_steps,
              const Shape& box, int axis = 0) {
  if (axis == box.rank()) {
    *to = *from;
    return;
  }
  for (std::int64_t i = 0; i < box[axis]; ++i) {
    copy_box(to + i * to_steps[axis], to_steps, from + i * from_steps[axis], from_steps, box,
             axis + 1);
  }
}

std::int64_t offset_of(const Shape& position, const Shape& shape) {
  const Steps steps = shape.strides();
  std::int64_t offset = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) offset += position[axis] * steps[axis];
  return offset;
}

Prepared prepare_slice(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const Shape &from = in[0].spec.shape, &box = out[0].spec.shape;
    const std::int64_t start = offset_of(static_cast<const SliceOp&>(*n.op).start, from);
    return Kernel([y = out[0].as<T>(), x = in[0].as<T>() + start, box, to_steps = box.strides(),
                   from_steps = from.strides()] { copy_box(y, to_steps, x, from_steps, box); });
  });
}

Prepared prepare_pad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const Shape &to = out[0].spec.shape, &box = in[0].spec.shape;
    const std::int64_t start = offset_of(static_cast<const PadOp&>(*n.op).before, to);
    return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), start, size = out[0].size(), box,
                   to_steps = to.strides(), from_steps = box.strides()] {
      std::fill(y, y + size, T(0));
      copy_box(y + start, to_steps, x, from_steps, box);
    });
  });
}

Prepared prepare_concatenate(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const int axis = static_cast<const ConcatenateOp&>(*n.op).axis;
    std::vector<Steps> from_steps;
    for (const View& x : in) from_steps.push_back(x.spec.shape.strides());
    return Kernel([y = out[0].as<T>(), in, axis, to_steps = out[0].spec.shape.strides(),
                   from_steps = std::move(from_steps)] {
      std::int64_t start = 0;
      for (std::size_t i = 0; i < in.size(); ++i) {
        const Shape& box = in[i].spec.shape;
        copy_box(y + start * to_steps[axis], to_steps, in[i].as<T>(), from_steps[i], box);
        start += box[axis];
      }
    });
  });
}

constexpr KernelRow kRows[] = {{"slice", accepts_floating, prepare_slice},
                               {"pad", accepts_floating, prepare_pad},
                               {"concatenate", accepts_floating, prepare_concatenate}};

}  // namespace

std::span<const KernelRow> slice_rows() { return kRows; }

}  // namespace banach::reference
