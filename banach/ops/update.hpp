#pragma once

#include <banach/core/host_device.hpp>
#include <banach/graph/op.hpp>
#include <banach/ops/functions.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>

namespace banach {

/// The scalars of a step: those that a rule may take, in this order, and the gradients' scale.
struct StepScalars {
  double rate = 0;            ///< the learning rate
  std::int64_t t = 1;         ///< the number of this step, from 1
  double product = 1;         ///< Nadam's u_1 u_2 ... u_t
  double gradient_scale = 1;  ///< of a scaled update; 0: nothing changes
};

/// The rules by which optimizers update a weight w with its gradient g: a name, how many of the
/// scalars it takes, how many slots it keeps for each weight, and the numbers that its formula in
/// ops/update_formulas-inl.hpp takes, computed once a step.
namespace rules {

BANACH_HOST_DEVICE inline double power(double base, std::int64_t exponent) {
  return std::pow(base, static_cast<double>(exponent));
}

struct Sgd {
  static constexpr std::string_view kName = "sgd";
  static constexpr std::size_t kScalars = 1, kSlots = 0;
  BANACH_HOST_DEVICE std::array<double, 1> numbers(const StepScalars& s) const { return {s.rate}; }
  std::string attributes() const { return ""; }
};

template <bool kNesterov>
struct Momentum {
  static constexpr std::string_view kName = kNesterov ? "sgd_nesterov" : "sgd_momentum";
  static constexpr std::size_t kScalars = 1, kSlots = 1;
  BANACH_HOST_DEVICE std::array<double, 2> numbers(const StepScalars& s) const {
    return {s.rate, momentum};
  }
  std::string attributes() const;

  double momentum = 0;
};

template <bool kAmsgrad>
struct Adam {
  static constexpr std::string_view kName = kAmsgrad ? "adam_amsgrad" : "adam";
  static constexpr std::size_t kScalars = 2, kSlots = kAmsgrad ? 3 : 2;
  BANACH_HOST_DEVICE std::array<double, 4> numbers(const StepScalars& s) const {
    const double alpha = s.rate * std::sqrt(1 - power(beta_2, s.t)) / (1 - power(beta_1, s.t));
    return {1 - beta_1, 1 - beta_2, alpha, epsilon};
  }
  std::string attributes() const;

  double beta_1 = 0, beta_2 = 0, epsilon = 0;
};

struct Adamax {
  static constexpr std::string_view kName = "adamax";
  static constexpr std::size_t kScalars = 2, kSlots = 2;
  BANACH_HOST_DEVICE std::array<double, 4> numbers(const StepScalars& s) const {
    return {1 - beta_1, beta_2, s.rate / (1 - power(beta_1, s.t)), epsilon};
  }
  std::string attributes() const;

  double beta_1 = 0, beta_2 = 0, epsilon = 0;
};

struct Nadam {
  static constexpr std::string_view kName = "nadam";
  static constexpr std::size_t kScalars = 3, kSlots = 2;
  BANACH_HOST_DEVICE std::array<double, 7> numbers(const StepScalars& s) const {
    const double next = momentum_at(s.t + 1);
    const double of_m = next / (1 - s.product * next);
    const double of_g = (1 - momentum_at(s.t)) / (1 - s.product);
    const double of_v = 1 / (1 - power(beta_2, s.t));
    return {1 - beta_1, 1 - beta_2, of_m, of_g, of_v, s.rate, epsilon};
  }
  std::string attributes() const;
  /// u_t = beta_1 (1 - 0.96^t / 2)
  BANACH_HOST_DEVICE double momentum_at(std::int64_t t) const {
    return beta_1 * (1 - 0.5 * power(0.96, t));
  }

  double beta_1 = 0, beta_2 = 0, epsilon = 0;
};

struct Adagrad {
  static constexpr std::string_view kName = "adagrad";
  static constexpr std::size_t kScalars = 1, kSlots = 1;
  BANACH_HOST_DEVICE std::array<double, 2> numbers(const StepScalars& s) const {
    return {s.rate, epsilon};
  }
  std::string attributes() const;

  double epsilon = 0;
};

template <bool kCentered, bool kMomentum>
struct Rmsprop {
  static constexpr std::string_view kName =
      kCentered ? (kMomentum ? "rmsprop_centered_momentum" : "rmsprop_centered")
                : (kMomentum ? "rmsprop_momentum" : "rmsprop");
  static constexpr std::size_t kScalars = 1, kSlots = 1 + kCentered + kMomentum;
  BANACH_HOST_DEVICE std::array<double, 5> numbers(const StepScalars& s) const {
    return {s.rate, rho, 1 - rho, epsilon, momentum};
  }
  std::string attributes() const;

  double rho = 0, momentum = 0, epsilon = 0;
};

/// Every rule; a new one is a struct above, its formula and an entry here.
using All = std::tuple<Sgd, Momentum<false>, Momentum<true>, Adam<false>, Adam<true>, Adamax, Nadam,
                       Adagrad, Rmsprop<false, false>, Rmsprop<false, true>, Rmsprop<true, false>,
                       Rmsprop<true, true>>;

}  // namespace rules

namespace detail {
std::vector<TensorSpec> infer_update(const Tensors& inputs, std::size_t scalars, std::size_t slots,
                                     bool scaled);
std::string update_attributes(const std::string& of_rule, double weight_decay, bool scaled);
}  // namespace detail

/// An update that may take the gradients' scale, one more input.
class ScalableUpdateOp : public Op {
 public:
  explicit ScalableUpdateOp(bool scaled) : scaled(scaled) {}
  virtual std::shared_ptr<const Op> with_scale() const = 0;

  const bool scaled;
};

/// One step of a rule on n weights, after w -= weight_decay * rate * w. Inputs: the scalars that
/// the rule takes (t is int64), n gradients, n weights, n of each slot and, when `scaled`, a scalar
/// that gradients are multiplied with: where it is 0, weights and slots stay as they are. Outputs:
/// the weights, then the slots.
template <class Rule>
class UpdateOp final : public ScalableUpdateOp {
 public:
  explicit UpdateOp(Rule rule, double weight_decay = 0, bool scaled = false)
      : ScalableUpdateOp(scaled), rule(rule), weight_decay(weight_decay) {}
  std::string name() const override { return std::string(Rule::kName); }
  std::string attributes() const override {
    return detail::update_attributes(rule.attributes(), weight_decay, scaled);
  }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override {
    return detail::infer_update(inputs, Rule::kScalars, Rule::kSlots, scaled);
  }
  std::shared_ptr<const Op> with_scale() const override {
    return std::make_shared<UpdateOp>(rule, weight_decay, true);
  }

  const Rule rule;
  const double weight_decay;
};

/// A scalar f(t) of the number of a step, which the host computes: a learning rate by a schedule.
class OfStepOp final : public Op {
 public:
  using Function = std::function<double(std::int64_t t)>;

  OfStepOp(std::string label, Function function, DType dtype)
      : label(std::move(label)), function(std::move(function)), dtype(dtype) {}
  std::string name() const override { return "of_step"; }
  std::string attributes() const override { return label; }
  std::vector<TensorSpec> infer(const Tensors&) const override { return {{Shape{}, dtype}}; }

  const std::string label;
  const Function function;
  const DType dtype;  // float32 or float64
};

namespace ops {

/// `function` of an int64 scalar; `label` names it in dumps.
Tensor of_step(const Tensor& t, const std::string& label, OfStepOp::Function function, DType dtype);

}  // namespace ops
}  // namespace banach
