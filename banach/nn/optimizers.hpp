#pragma once

#include <banach/graph/tape.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banach {

/// What turns gradients into new weights. A handle: copies share the learning rate, the step number
/// and the slots. Slots are laid out in one arena when the first training program is built.
class Optimizer {
 public:
  Optimizer(const char* name) : Optimizer(std::string(name)) {}
  Optimizer(const std::string& name);  ///< "sgd", "adam"; InvalidArgument for an unknown name

  /// How a rule is written: its op takes the learning rate, the number of the step (int64) when
  /// `takes_step`, the gradients, the variables and then each slot of all of them.
  struct Rule {
    std::string name;
    std::vector<std::string> slots;
    bool takes_step = false;
    std::shared_ptr<const Op> op;
  };
  Optimizer(Rule rule, double learning_rate);

  const std::string& name() const;
  double learning_rate() const;
  void set_learning_rate(double learning_rate);  ///< InvalidArgument when negative or NaN
  std::int64_t iterations() const;               ///< steps done

  /// Makes slots and gradient storage for these variables, unless it has been done for them.
  void build(const std::vector<Variable>& variables);
  /// Iteration, learning rate, then the slots of each variable in turn, as Keras lists them.
  std::vector<Variable> variables() const;

  /// Appends one update of `variables` to the current tape.
  void apply(const Tensors& gradients, const std::vector<Variable>& variables);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// keras.optimizers.
namespace optimizers {

struct SGDOptions {
  double momentum = 0;
  bool nesterov = false;
};
Optimizer SGD(double learning_rate = 0.01, const SGDOptions& options = {});

struct AdamOptions {
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
};
/// Kingma & Ba 2014, with epsilon added to sqrt(v) before the bias correction, as Keras does.
Optimizer Adam(double learning_rate = 0.001, const AdamOptions& options = {});

std::vector<std::string> names();

}  // namespace optimizers
}  // namespace banach
