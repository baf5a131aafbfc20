#include <banach/nn/loss_scale.hpp>
#include <banach/ops/loss_scale.hpp>

#include <cmath>

namespace banach {

LossScale::LossScale(std::string name, double initial_scale, std::int64_t growth_steps)
    : name(std::move(name)),
      initial_scale(initial_scale),
      growth_steps(growth_steps),
      step_counter("step_counter", Array({}, int64), false),
      dynamic_scale("dynamic_scale", Array::full({}, initial_scale), false),
      iteration("iteration", Array({}, int64), false),
      learning_rate("learning_rate", Array(Shape{}), false) {}

bool is_scale(double value) {
  const auto scale = static_cast<float>(value);
  return scale > 0 && !std::isinf(scale) && !std::isinf(1 / scale);
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
