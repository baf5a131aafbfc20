#include <banach/backend/reference/reference.hpp>
#include <banach/ops/shape.hpp>

#include <cstring>

namespace banach::reference {
namespace {

// y[i] = x[sum of position on axis k * steps[k]]: transposing and broadcasting are both this.
template <class T>
void gather(T* y, const T* x, const std::vector<std::int64_t>& shape,
            const std::vector<std::int64_t>& steps, std::size_t axis) {
  if (axis == shape.size()) {
    *y = *x;
    return;
  }
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  for (std::int64_t i = 0; i < shape[axis]; ++i) {
    gather(y + i * inner, x + i * steps[axis], shape, steps, axis + 1);
  }
}

template <class Steps>
Prepared prepare_gather(const Node& node, Steps steps_of) {
  return prepare_floating(node,
                          [steps_of]<class T>(const Node& n, const Views& in, const Views& out) {
                            const Shape& shape = out[0].spec.shape;
                            std::vector<std::int64_t> dims(shape.begin(), shape.end());
                            return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), dims,
                                           steps = steps_of(n)] { gather(y, x, dims, steps, 0); });
                          });
}

std::vector<std::int64_t> transpose_steps(const Node& node) {
  const auto strides = node.inputs[0].shape().strides();
  std::vector<std::int64_t> steps;
  for (int axis : static_cast<const TransposeOp&>(*node.op).permutation) {
    steps.push_back(strides[axis]);
  }
  return steps;
}

std::vector<std::int64_t> broadcast_steps(const Node& node) {
  const Shape &from = node.inputs[0].shape(), &to = node.outputs[0].shape;
  const auto strides = from.strides();
  std::vector<std::int64_t> steps(static_cast<std::size_t>(to.rank()), 0);
  const int shift = to.rank() - from.rank();
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] != 1) steps[axis + shift] = strides[axis];
  }
  return steps;
}

Prepared prepare_transpose(const Node& node) { return prepare_gather(node, transpose_steps); }
Prepared prepare_broadcast_to(const Node& node) { return prepare_gather(node, broadcast_steps); }

Prepared prepare_copy(const Node&) {
  return {"reference", 0, {}, [](const Views& in, const Views& out, std::byte*) {
            const auto bytes = static_cast<std::size_t>(out[0].size()) * size_of(out[0].spec.dtype);
            return Kernel(
                [to = out[0].data, from = in[0].data, bytes] { std::memcpy(to, from, bytes); });
          }};
}

constexpr KernelRow kRows[] = {{"transpose", accepts_floating, prepare_transpose},
                               {"broadcast_to", accepts_floating, prepare_broadcast_to},
                               {"copy", accepts_all, prepare_copy}};

}  // namespace

std::span<const KernelRow> shape_rows() { return kRows; }

}  // namespace banach::reference
