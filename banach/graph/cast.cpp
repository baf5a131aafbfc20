#include <banach/graph/cast.hpp>

namespace banach {
namespace {

std::optional<DType>& current_autocast() {
  thread_local std::optional<DType> dtype;
  return dtype;
}

}  // namespace

std::vector<TensorSpec> CastOp::infer(const Tensors& inputs) const {
  return {{inputs[0].shape(), dtype}};
}

Tensors CastOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  if (!is_floating(inputs[0].dtype())) return {};
  return {cast(dy[0], inputs[0].dtype())};
}

Tensor cast(const Tensor& x, DType dtype) {
  return x.dtype() == dtype ? x : make_node<CastOp>({x}, dtype);
}

AutocastScope::AutocastScope(DType dtype) : previous_(current_autocast()) {
  current_autocast() = dtype;
}
AutocastScope::~AutocastScope() { current_autocast() = previous_; }
std::optional<DType> AutocastScope::current() { return current_autocast(); }

}  // namespace banach
