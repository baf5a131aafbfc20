#pragma once

#include <banach/graph/op.hpp>

namespace banach {

/// One step of stochastic gradient descent on n variables (keras/src/optimizers/sgd.py):
/// velocity = momentum * velocity - rate * g; w += nesterov ? momentum * velocity - rate * g
/// : velocity; without momentum w -= rate * g. Inputs: rate, n gradients, n variables and, with
/// momentum, n velocities; outputs: the variables, then the velocities.
class SgdOp final : public Op {
 public:
  SgdOp(double momentum, bool nesterov) : momentum(momentum), nesterov(nesterov) {}
  std::string name() const override { return "sgd"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  std::size_t num_slots() const { return momentum == 0 ? 0 : 1; }

  const double momentum;
  const bool nesterov;
};

/// One step of Adam on n variables, with Keras' epsilon-hat (keras/src/optimizers/adam.py), where t
/// is the number of this step: m += (g - m)(1 - b1); v += (g^2 - v)(1 - b2);
/// w -= rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon). Inputs: rate, t (int64), n
/// gradients, n variables, n m, n v; outputs: variables, m, v.
class AdamOp final : public Op {
 public:
  AdamOp(double beta_1, double beta_2, double epsilon)
      : beta_1(beta_1), beta_2(beta_2), epsilon(epsilon) {}
  std::string name() const override { return "adam"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const double beta_1, beta_2, epsilon;
};

}  // namespace banach
