#include <banach/layers/rescaling.hpp>
#include <banach/ops/elementwise.hpp>

namespace banach::layers {

Tensor Rescaling::call(const Tensor& x, const CallContext&) {
  const Tensor scaled = x * scale_;
  return offset_ == 0 ? scaled : scaled + offset_;
}

void Rescaling::describe(Fields& fields) { fields.required("scale", scale_)("offset", offset_); }

}  // namespace banach::layers
