#pragma once

#include <banach/graph/tape.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace banach {

/// What a LossScaleOptimizer keeps beside the optimizer that it wraps. A step whose scaled
/// gradients are not all finite changes only this. Keras: optimizers/loss_scale_optimizer.py.
struct LossScale {
  LossScale(std::string name, double initial_scale, std::int64_t growth_steps);

  const std::string name;
  const double initial_scale;
  const std::int64_t growth_steps;  ///< finite steps in a row after which the scale doubles

  const Variable step_counter;   ///< int64: finite steps since the scale last changed
  const Variable dynamic_scale;  ///< float32
  /// Keras' wrapper has a step number and a learning rate too, and leaves them at 0.
  const Variable iteration, learning_rate;

  /// In the order of Keras.
  std::vector<Variable> variables() const;
  /// On the current tape: looks at the gradients of the scaled loss and gives what they are to be
  /// multiplied with, a float32 scalar: 1 / scale, or 0 where one is not finite. Assigns the scale
  /// and the counter of the next step.
  Tensor update(const Tensors& gradients) const;
};

/// Whether a loss can be multiplied with it and gradients divided by it, in float32.
bool is_scale(double value);

}  // namespace banach
