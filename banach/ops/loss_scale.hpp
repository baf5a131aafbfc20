#pragma once

#include <banach/core/host_device.hpp>
#include <banach/graph/op.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace banach {

/// The state of a loss scale that follows the gradients.
struct LossScaleState {
  float scale = 0;         ///< what the loss is multiplied with
  std::int64_t steps = 0;  ///< with finite gradients, since the scale last changed
};

/// keras/src/optimizers/loss_scale_optimizer.py: halved after a step whose gradients were not all
/// finite, doubled after `growth_steps` others in a row. Unlike Keras' it stays within what float32
/// holds in full, and 1 / scale with it.
BANACH_HOST_DEVICE inline LossScaleState next_loss_scale(const LossScaleState& now, bool finite,
                                                         std::int64_t growth_steps) {
  constexpr float kLeast = 0x1p-126F, kLargest = 0x1p126F;
  const float half = now.scale * 0.5F, twice = now.scale * 2;
  if (!finite) return {half > kLeast ? half : kLeast, 0};
  if (now.steps == growth_steps - 1) return {twice < kLargest ? twice : kLargest, 0};
  return {now.scale, now.steps + 1};
}

/// Looks at the gradients of a scaled loss. Inputs: the scale (float32 scalar), the number of
/// finite steps (int64 scalar), then the gradients, of any floating-point dtypes. Outputs: what
/// gradients are to be multiplied with (float32 scalar), 1 / scale, or 0 where one is infinite or
/// NaN; the new scale; the new number.
class LossScaleOp final : public Op {
 public:
  explicit LossScaleOp(std::int64_t growth_steps) : growth_steps(growth_steps) {}
  std::string name() const override { return "loss_scale"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const std::int64_t growth_steps;
};

}  // namespace banach
