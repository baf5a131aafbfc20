#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/optimizers.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/update.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

Optimizer find(const std::string& name) {
  if (name == "sgd" || name == "SGD") return optimizers::SGD();
  if (name == "adam" || name == "Adam") return optimizers::Adam();
  const auto known = optimizers::names();
  throw InvalidArgument("unknown optimizer '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

void check_rate(const std::string& where, double rate) {
  if (!(rate >= 0) || std::isinf(rate)) {
    throw InvalidArgument(
        fmt::format("[{}] learning_rate must be a finite number >= 0, received {}", where, rate));
  }
}

void check_fraction(const char* where, const char* name, double value) {
  if (!(value >= 0 && value < 1)) {
    throw InvalidArgument(
        fmt::format("[{}] {} must be in [0, 1), received {}", where, name, value));
  }
}

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

// Zeros like every variable, side by side in one arena.
std::vector<Variable> make_like(const std::vector<Variable>& variables, const std::string& suffix) {
  std::size_t bytes = 0;
  for (const Variable& v : variables) bytes += aligned(v.size() * size_of(v.dtype()));
  const Buffer arena = Buffer::allocate_lasting(bytes);
  std::vector<Variable> result;
  std::size_t offset = 0;
  for (const Variable& v : variables) {
    const std::size_t size = v.size() * size_of(v.dtype());
    Variable& slot = result.emplace_back();
    slot.initialize_over(v.name() + "_" + suffix, v.shape(), v.dtype(), arena.slice(offset, size));
    offset += aligned(size);
  }
  return result;
}

}  // namespace

struct Optimizer::State {
  Rule rule;
  double initial_rate = 0;
  Variable rate;
  Variable iterations{"iteration", Array({}, int64), false};
  std::vector<Variable> built_for;
  std::vector<Variable> gradients;           // one a variable
  std::vector<std::vector<Variable>> slots;  // [slot][variable]
};

Optimizer::Optimizer(const std::string& name) : Optimizer(find(name)) {}

Optimizer::Optimizer(Rule rule, double learning_rate) : state_(std::make_shared<State>()) {
  check_rate(rule.name, learning_rate);
  state_->rule = std::move(rule);
  state_->initial_rate = learning_rate;
}

const std::string& Optimizer::name() const { return state_->rule.name; }

double Optimizer::learning_rate() const {
  return state_->rate.is_initialized() ? state_->rate.value().flat(0) : state_->initial_rate;
}

void Optimizer::set_learning_rate(double learning_rate) {
  check_rate(name(), learning_rate);
  state_->initial_rate = learning_rate;
  if (state_->rate.is_initialized()) {
    state_->rate.assign(Array::full({}, learning_rate, state_->rate.dtype()));
  }
}

std::int64_t Optimizer::iterations() const {
  return state_->iterations.value().values<std::int64_t>()[0];
}

void Optimizer::build(const std::vector<Variable>& variables) {
  State& s = *state_;
  if (s.built_for == variables) return;
  s.built_for = variables;
  s.slots.clear();
  if (!s.rate.is_initialized()) {
    const DType dtype = variables.empty() ? float32 : variables.front().dtype();
    s.rate.initialize("learning_rate", Array::full({}, s.initial_rate, dtype), false);
  }
  s.gradients = make_like(variables, "gradient");
  for (const std::string& slot : s.rule.slots) s.slots.push_back(make_like(variables, slot));
}

std::vector<Variable> Optimizer::variables() const {
  std::vector<Variable> result = {state_->iterations, state_->rate};
  for (std::size_t i = 0; i < state_->built_for.size(); ++i) {
    for (const auto& slot : state_->slots) result.push_back(slot[i]);
  }
  return result;
}

void Optimizer::apply(const Tensors& gradients, const std::vector<Variable>& variables) {
  State& s = *state_;
  NameScope scope("optimizer");
  Tensors inputs = {s.rate.tensor()};
  const Tensor step = ops::increment(s.iterations);
  s.iterations.assign(step);
  if (s.rule.takes_step) inputs.push_back(step);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    s.gradients[i].assign(gradients[i]);  // into one buffer, to reduce and to clip
    inputs.push_back(gradients[i]);
  }
  std::vector<Variable> rewritten = variables;
  for (const auto& slot : s.slots) rewritten.insert(rewritten.end(), slot.begin(), slot.end());
  for (const Variable& variable : rewritten) inputs.push_back(variable.tensor());
  const Tensors updated = add_node(s.rule.op, inputs);
  for (std::size_t i = 0; i < updated.size(); ++i) rewritten[i].assign(updated[i]);
}

namespace optimizers {

Optimizer SGD(double learning_rate, const SGDOptions& o) {
  if (!(o.momentum >= 0 && o.momentum <= 1)) {
    throw InvalidArgument(fmt::format("[SGD] momentum must be in [0, 1], received {}", o.momentum));
  }
  const std::vector<std::string> slots =
      o.momentum == 0 ? std::vector<std::string>{} : std::vector<std::string>{"momentum"};
  return Optimizer({"sgd", slots, false, std::make_shared<SgdOp>(o.momentum, o.nesterov)},
                   learning_rate);
}

Optimizer Adam(double learning_rate, const AdamOptions& o) {
  check_fraction("Adam", "beta_1", o.beta_1);
  check_fraction("Adam", "beta_2", o.beta_2);
  if (!(o.epsilon > 0)) {
    throw InvalidArgument(fmt::format("[Adam] epsilon must be positive, received {}", o.epsilon));
  }
  return Optimizer({"adam",
                    {"momentum", "velocity"},
                    true,
                    std::make_shared<AdamOp>(o.beta_1, o.beta_2, o.epsilon)},
                   learning_rate);
}

std::vector<std::string> names() { return {"adam", "sgd"}; }

}  // namespace optimizers
}  // namespace banach
