#include <banach/nn/loss_scale.hpp>
#include <banach/ops/loss_scale.hpp>

namespace banach {

void LossScale::build() {
  if (dynamic_scale.is_initialized()) return;
  step_counter.initialize("step_counter", Array({}, int64), false);
  dynamic_scale.initialize("dynamic_scale", Array::full({}, initial_scale), false);
}

std::vector<Variable> LossScale::variables() const {
  return {iteration, learning_rate, step_counter, dynamic_scale};
}

Tensor LossScale::update(const Tensors& gradients) const {
  const NameScope scope("loss_scale");
  Tensors inputs = {dynamic_scale.tensor(), step_counter.tensor()};
  inputs.insert(inputs.end(), gradients.begin(), gradients.end());
  const Tensors outputs = add_node(std::make_shared<LossScaleOp>(growth_steps), inputs);
  dynamic_scale.assign(outputs[1]);
  step_counter.assign(outputs[2]);
  return outputs[0];
}

}  // namespace banach
