#pragma once

#include <banach/graph/tape.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace banach {

/// What a LossScaleOptimizer keeps beside the optimizer that it wraps. A step whose scaled
/// gradients are not all finite changes only this. Keras: optimizers/loss_scale_optimizer.py.
struct LossScale {
  std::string name;
  double initial_scale = 32768;
  std::int64_t growth_steps = 2000;  ///< finite steps in a row after which the scale doubles

  Variable step_counter;   ///< int64: finite steps since the scale last changed
  Variable dynamic_scale;  ///< float32
  /// Keras' wrapper has a step number and a learning rate too, and leaves them at 0.
  Variable iteration{"iteration", Array({}, int64), false};
  Variable learning_rate{"learning_rate", Array({}, float32), false};

  /// Makes the two variables that there are not yet.
  void build();
  /// In the order of Keras.
  std::vector<Variable> variables() const;
  /// On the current tape: looks at the gradients of the scaled loss and gives what they are to be
  /// multiplied with, a float32 scalar: 1 / scale, or 0 where one is not finite. Assigns the scale
  /// and the counter of the next step.
  Tensor update(const Tensors& gradients) const;
};

}  // namespace banach
