#include <banach/ops/loss_scale.hpp>

#include <fmt/format.h>

namespace banach {

std::string LossScaleOp::attributes() const { return fmt::format("growth_steps={}", growth_steps); }

std::vector<TensorSpec> LossScaleOp::infer(const Tensors& inputs) const {
  return {inputs[0].spec(), inputs[0].spec(), inputs[1].spec()};
}

}  // namespace banach
