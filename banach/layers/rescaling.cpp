#include <banach/layers/rescaling.hpp>
#include <banach/ops/elementwise.hpp>

namespace banach::layers {

Tensor Rescaling::call(const Tensor& x, const CallContext&) {
  const Tensor scaled = x * scale_;
  return offset_ == 0 ? scaled : scaled + offset_;
}

}  // namespace banach::layers
