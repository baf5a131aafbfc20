#pragma once

#include <banach/graph/tape.hpp>
#include <banach/nn/loss_scale.hpp>
#include <banach/nn/schedules.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banach {

/// What the options of every optimizer end with (keras/src/optimizers/base_optimizer.py).
struct OptimizerOptions {
  std::optional<double> weight_decay = {};  ///< w -= weight_decay * learning_rate * w before a step
  std::optional<double> clipnorm = {};   ///< the most that the norm of a weight's gradient may be
  std::optional<double> clipvalue = {};  ///< the most that an element of a gradient may be
  std::optional<double> global_clipnorm = {};  ///< the most that the norm of all gradients may be
  bool use_ema = false;  ///< keep a moving average of the weights, which fit() ends with
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};  ///< also take it every so many steps
  /// Gradients are those of the loss times this, and divided by it before anything else. A
  /// LossScaleOptimizer around the optimizer takes it away.
  std::optional<double> loss_scale_factor = {};
  std::string name = {};  ///< default: "adam" for Adam
};

/// What turns gradients into new weights. A handle: copies share the learning rate, the step number
/// and the slots. Slots are laid out in one arena when the first training program is built.
class Optimizer {
 public:
  Optimizer(const char* name) : Optimizer(std::string(name)) {}
  Optimizer(
      const std::string& name);  ///< "adam", "AdamW", ...; InvalidArgument for an unknown name

  /// How a rule is written: its op takes the learning rate, the number of the step from 1 (int64)
  /// when `takes_step`, the running product when there is one, the gradients, the variables and
  /// then each slot of all of them.
  struct Rule {
    std::string class_name;  ///< Keras' "Adam"
    std::string name;        ///< "adam"
    /// In the order of variables(): the slots of a group alternate, variable by variable.
    std::vector<std::vector<std::string>> slots;
    bool takes_step = false;
    std::shared_ptr<const Op> op;
    Json config = {};         ///< the rule's own arguments; null: it cannot be saved
    double initial_slot = 0;  ///< what slots hold before the first step
    /// One more state, a product over the steps, multiplied with this before a step.
    std::function<double(std::int64_t t)> product = {};
  };
  Optimizer(Rule rule, const LearningRate& learning_rate, const OptimizerOptions& options = {});
  /// The same optimizer with a loss scale around it: they share learning rate, step and slots. As
  /// in Keras, its loss_scale_factor is dropped. InvalidArgument when it has a loss scale already.
  Optimizer(const Optimizer& inner, const LossScale& loss_scale);

  const std::string& class_name() const;  ///< Keras' "Adam", "LossScaleOptimizer"
  const std::string& name() const;
  const Rule& rule() const;                 ///< with a loss scale, that of the inner optimizer
  const OptimizerOptions& options() const;  ///< the same
  const LossScale* loss_scale() const { return loss_scale_.get(); }  ///< null without one
  Optimizer inner_optimizer() const;                                 ///< without the loss scale
  const LearningRateSchedule* schedule() const;  ///< null when the learning rate is a number
  double learning_rate() const;                  ///< that of the next step
  /// InvalidArgument when negative or NaN, or when the learning rate is a schedule.
  void set_learning_rate(double learning_rate);
  std::int64_t iterations() const;  ///< steps done

  /// Makes slots for these variables. Those that had some before keep them, so a weight that was
  /// frozen for a while goes on where it was; a file has the slots of those that train alone.
  void build(const std::vector<Variable>& variables);
  /// The optimizer for a model, which has it for itself: where another had this, a new one if it
  /// was made by a name, else InvalidArgument.
  Optimizer of_owner(const std::shared_ptr<const void>& owner) const;
  bool is_built() const;
  /// Iteration, learning rate (unless a schedule), averages, then the slots, as Keras lists them;
  /// assigning to them restores a saved state.
  std::vector<Variable> variables() const;

  /// What `gradients` are to be taken of, on the current tape.
  Tensor scale_loss(const Tensor& loss) const;
  /// Appends one update of `variables` to the current tape. Gives a scalar that is 0 where the step
  /// changes nothing, or none where there are no such steps.
  Tensor apply(const Tensors& gradients, const std::vector<Variable>& variables);
  /// Gives the variables their moving averages, if these are kept; fit() ends with it.
  void finalize_variable_values();

 private:
  struct State;
  explicit Optimizer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Tensors clip(const Tensors& gradients) const;
  Tensor rate_of(const Tensor& step) const;
  void average(const Tensor& step, const Tensor& scale);

  std::shared_ptr<State> state_;
  std::shared_ptr<const LossScale> loss_scale_;
  bool is_by_name_ = false;
};

/// {"module", "class_name", "config", "registered_name"}; NotSupported for a rule without a config.
Json to_json(const Optimizer& optimizer);
void from_json(const Json& json, Optimizer& optimizer);

}  // namespace banach
