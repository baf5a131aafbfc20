#include <banach/core/errors.hpp>
#include <banach/nn/optimizer.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/update.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <mutex>

namespace banach {
namespace {

void check_rate(const std::string& where, double rate) {
  if (!(rate >= 0) || std::isinf(rate)) {
    throw InvalidArgument(
        fmt::format("[{}] learning_rate must be a finite number >= 0, received {}", where, rate));
  }
}

void check_clipping(const std::string& where, const OptimizerOptions& o) {
  std::string received;
  int count = 0;
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) received += fmt::format("{}{}={}", count++ == 0 ? "" : ", ", name, *value);
  };
  add("clipnorm", o.clipnorm);
  add("clipvalue", o.clipvalue);
  add("global_clipnorm", o.global_clipnorm);
  if (count < 2) return;
  throw InvalidArgument(fmt::format(
      "[{}] only one of clipnorm, clipvalue and global_clipnorm can be set, received {}", where,
      received));
}

void check_loss_scale(const std::string& where, const OptimizerOptions& o) {
  const double factor = o.loss_scale_factor.value_or(1);
  if (is_scale(factor)) return;
  throw InvalidArgument(
      fmt::format("[{}] loss_scale_factor must be a number > 0 that float32 holds, received {}",
                  where, factor));
}

void check_average(const std::string& where, const OptimizerOptions& o) {
  if (!o.use_ema) return;
  if (!(o.ema_momentum >= 0 && o.ema_momentum <= 1)) {
    throw InvalidArgument(
        fmt::format("[{}] ema_momentum must be in [0, 1], received {}", where, o.ema_momentum));
  }
  if (o.ema_overwrite_frequency && *o.ema_overwrite_frequency < 1) {
    throw InvalidArgument(fmt::format("[{}] ema_overwrite_frequency must be >= 1, received {}",
                                      where, *o.ema_overwrite_frequency));
  }
}

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

// "dense_kernel_momentum".
std::string slot_name(const Variable& variable, const std::string& slot) {
  std::string name = variable.name() + "_" + slot;
  std::ranges::replace(name, '/', '_');
  return name;
}

// Like every variable, side by side in one arena.
std::vector<Variable> make_like(const std::vector<Variable>& variables, const std::string& slot,
                                double initial_value = 0) {
  std::size_t bytes = 0;
  for (const Variable& v : variables) bytes += aligned(v.size() * size_of(v.dtype()));
  const Buffer arena = Buffer::allocate_lasting(bytes);
  std::vector<Variable> result;
  std::size_t offset = 0;
  for (const Variable& v : variables) {
    const std::size_t size = v.size() * size_of(v.dtype());
    Variable& made = result.emplace_back();
    made.initialize_over(slot_name(v, slot), v.shape(), v.dtype(), arena.slice(offset, size));
    if (initial_value != 0) made.assign(Array::full(v.shape(), initial_value, v.dtype()));
    offset += aligned(size);
  }
  return result;
}

bool is_positive(const std::optional<double>& value) { return value && *value > 0; }

bool clips(const OptimizerOptions& o) {
  return is_positive(o.global_clipnorm) || is_positive(o.clipnorm) || is_positive(o.clipvalue);
}

Tensor squared_norm(const Tensor& x) {
  return ops::weighted_mean(x, x) * static_cast<double>(x.shape().size());
}

// keras/src/optimizers/base_optimizer.py: clip_by_global_norm; infinite gradients become NaN.
Tensors clip_by_global_norm(const Tensors& gradients, double most) {
  Tensor total = squared_norm(gradients[0]);
  for (std::size_t i = 1; i < gradients.size(); ++i) total = total + squared_norm(gradients[i]);
  const Tensor norm = ops::sqrt(total);
  const Tensor limit = constant(1 / most, norm.dtype());
  const Tensor scale = ops::minimum(1.0 / norm, limit) * most + (norm - norm);
  Tensors clipped;
  for (const Tensor& g : gradients) clipped.push_back(g * scale);
  return clipped;
}

Tensor clip_by_norm(const Tensor& g, double most) {
  const Tensor norm = ops::sqrt(squared_norm(g));
  return g * (most / ops::maximum(norm, constant(most, norm.dtype())));
}

Tensors multiply(Tensors gradients, const Tensor& scale) {
  for (Tensor& g : gradients) {
    const DType dtype = widened(g.dtype());
    g = cast(g, dtype) * cast(scale, dtype);
  }
  return gradients;
}

Tensors divide(Tensors gradients, double factor) {
  for (Tensor& g : gradients) g = cast(g, widened(g.dtype())) / factor;
  return gradients;
}

// With a scale, the assignments of a step count only where that is not 0.
void assign_step(const Variable& variable, const Tensor& value, const Tensor& scale) {
  variable.assign(scale ? ops::either(scale, value, variable) : value);
}

// The new values of `rewritten`. A scale multiplies the gradients, and where it is 0 all stay.
Tensors add_update(const std::shared_ptr<const Op>& op, Tensors inputs, const Tensors& gradients,
                   const std::vector<Variable>& rewritten, const Tensor& scale) {
  const auto* update = dynamic_cast<const ScalableUpdateOp*>(op.get());
  const Tensors g = scale && update == nullptr ? multiply(gradients, scale) : gradients;
  for (std::size_t i = 0; i < g.size(); ++i) {
    inputs.push_back(update == nullptr ? cast(g[i], rewritten[i].dtype()) : g[i]);
  }
  inputs.insert(inputs.end(), rewritten.begin(), rewritten.end());
  if (scale && update != nullptr) {
    inputs.push_back(cast(scale, widened(rewritten.front().dtype())));
    return add_node(update->with_scale(), inputs);
  }
  Tensors updated = add_node(op, inputs);
  for (std::size_t i = 0; scale && i < updated.size(); ++i) {
    updated[i] = ops::either(scale, updated[i], rewritten[i]);
  }
  return updated;
}

}  // namespace

struct Optimizer::State {
  Rule rule;
  OptimizerOptions options;
  LearningRate learning_rate;
  Variable rate;  // of a number
  Variable product;
  Variable iterations{"iteration", Array({}, int64), false};
  std::vector<Variable> built_for;
  std::vector<Variable> averages;                         // the same, if they are kept
  std::vector<std::vector<std::vector<Variable>>> slots;  // [group][slot][variable]

  // What each variable has got, also those that are frozen now.
  struct Kept {
    Variable variable, slot;
  };
  std::map<std::pair<const void*, std::string>, Kept> kept;
  std::mutex owner_mutex;
  std::optional<std::weak_ptr<const void>> owner;

  // `slot` of each variable: that of before, or a new one.
  std::vector<Variable> slots_of(const std::vector<Variable>& variables, const std::string& slot,
                                 double initial_value);
  // The same for moving averages, which begin at the variable's value.
  std::vector<Variable> averages_of(const std::vector<Variable>& variables);
  std::vector<Variable> without(const std::vector<Variable>& variables,
                                const std::string& slot) const;
};

std::vector<Variable> Optimizer::State::without(const std::vector<Variable>& variables,
                                                const std::string& slot) const {
  std::vector<Variable> result;
  for (const Variable& v : variables) {
    if (!kept.contains({v.id(), slot})) result.push_back(v);
  }
  return result;
}

std::vector<Variable> Optimizer::State::slots_of(const std::vector<Variable>& variables,
                                                 const std::string& slot, double initial_value) {
  const std::vector<Variable> missing = without(variables, slot);
  const std::vector<Variable> made = make_like(missing, slot, initial_value);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    kept[{missing[i].id(), slot}] = {missing[i], made[i]};
  }
  std::vector<Variable> result;
  for (const Variable& v : variables) result.push_back(kept.at({v.id(), slot}).slot);
  return result;
}

std::vector<Variable> Optimizer::State::averages_of(const std::vector<Variable>& variables) {
  const std::vector<Variable> missing = without(variables, "average");
  std::vector<Variable> result = slots_of(variables, "average", 0);
  for (const Variable& v : missing) kept.at({v.id(), "average"}).slot.assign(v.value());
  return result;
}

Optimizer::Optimizer(Rule rule, const LearningRate& learning_rate, const OptimizerOptions& options)
    : state_(std::make_shared<State>()) {
  if (!learning_rate.schedule()) check_rate(rule.class_name, learning_rate.at(0));
  check_clipping(rule.class_name, options);
  check_loss_scale(rule.class_name, options);
  check_average(rule.class_name, options);
  state_->rule = std::move(rule);
  state_->options = options;
  state_->learning_rate = learning_rate;
  if (options.name.empty()) state_->options.name = state_->rule.name;
}

Optimizer::Optimizer(const Optimizer& inner, const LossScale& loss_scale)
    : state_(inner.state_), loss_scale_(std::make_shared<LossScale>(loss_scale)) {
  if (inner.loss_scale_ != nullptr) {
    throw InvalidArgument(
        fmt::format("[{}] the inner optimizer '{}' has a loss scale already: pass its "
                    "inner_optimizer()",
                    class_name(), inner.name()));
  }
  state_->options.loss_scale_factor.reset();
}

const std::string& Optimizer::class_name() const {
  static const std::string kScaled = "LossScaleOptimizer";
  return loss_scale_ == nullptr ? rule().class_name : kScaled;
}

const std::string& Optimizer::name() const {
  return loss_scale_ == nullptr ? options().name : loss_scale_->name;
}

Optimizer Optimizer::inner_optimizer() const { return Optimizer(state_); }

const Optimizer::Rule& Optimizer::rule() const { return state_->rule; }
const OptimizerOptions& Optimizer::options() const { return state_->options; }
const LearningRateSchedule* Optimizer::schedule() const { return state_->learning_rate.schedule(); }

double Optimizer::learning_rate() const {
  return state_->rate.is_initialized() ? state_->rate.value().flat(0)
                                       : state_->learning_rate.at(iterations());
}

void Optimizer::set_learning_rate(double learning_rate) {
  if (schedule()) {
    throw InvalidArgument(
        fmt::format("[{}] the learning rate is the schedule {} and cannot be set: make the "
                    "optimizer with a number to set it",
                    class_name(), schedule()->name()));
  }
  check_rate(class_name(), learning_rate);
  state_->learning_rate = learning_rate;
  if (state_->rate.is_initialized()) {
    state_->rate.assign(Array::full({}, learning_rate, state_->rate.dtype()));
  }
}

std::int64_t Optimizer::iterations() const {
  return state_->iterations.value().to_vector<std::int64_t>().front();
}

bool Optimizer::is_built() const { return !state_->built_for.empty(); }

void Optimizer::build(const std::vector<Variable>& variables) {
  State& s = *state_;
  if (s.built_for == variables) return;
  const DType dtype = variables.empty() ? float32 : widened(variables.front().dtype());
  if (!schedule() && !s.rate.is_initialized()) {
    s.rate.initialize("learning_rate", Array::full({}, s.learning_rate.at(0), dtype), false);
  }
  const auto averages = s.options.use_ema ? s.averages_of(variables) : std::vector<Variable>();
  decltype(s.slots) slots;
  for (const std::vector<std::string>& names : s.rule.slots) {
    std::vector<std::vector<Variable>>& group = slots.emplace_back();
    for (const std::string& slot : names) {
      group.push_back(s.slots_of(variables, slot, s.rule.initial_slot));
    }
  }
  if (s.rule.product && !s.product.is_initialized()) {
    s.product = Variable("variable", Array::full({}, 1, dtype), false);
  }
  s.averages = averages;
  s.slots = std::move(slots);
  s.built_for = variables;
}

Optimizer Optimizer::of_owner(const std::shared_ptr<const void>& owner) const {
  const std::scoped_lock lock(state_->owner_mutex);
  std::optional<std::weak_ptr<const void>>& known = state_->owner;
  if (!known) known = owner;
  if (known->lock() == owner) return *this;
  if (is_by_name_) {
    Optimizer own(class_name());
    from_json(to_json(*this), own);
    return own.of_owner(owner);
  }
  throw InvalidArgument(
      fmt::format("[compile] the optimizer '{}' belongs to another model, whose state it keeps: "
                  "give each model one of its own",
                  name()));
}

std::vector<Variable> Optimizer::variables() const {
  const State& s = *state_;
  std::vector<Variable> result;
  if (loss_scale_ != nullptr) result = loss_scale_->variables();
  result.push_back(s.iterations);
  if (!schedule()) result.push_back(s.rate);
  result.insert(result.end(), s.averages.begin(), s.averages.end());
  for (const auto& group : s.slots) {
    for (std::size_t i = 0; i < s.built_for.size(); ++i) {
      for (const auto& slot : group) result.push_back(slot[i]);
    }
  }
  if (s.product.is_initialized()) result.push_back(s.product);
  return result;
}

Tensor Optimizer::scale_loss(const Tensor& loss) const {
  if (loss_scale_ != nullptr) return loss * cast(loss_scale_->dynamic_scale, loss.dtype());
  const std::optional<double>& factor = options().loss_scale_factor;
  return factor ? loss * *factor : loss;
}

Tensors Optimizer::clip(const Tensors& gradients) const {
  const OptimizerOptions& o = state_->options;
  if (is_positive(o.global_clipnorm)) return clip_by_global_norm(gradients, *o.global_clipnorm);
  Tensors clipped = gradients;
  for (Tensor& g : clipped) {
    if (is_positive(o.clipnorm)) g = clip_by_norm(g, *o.clipnorm);
    if (is_positive(o.clipvalue)) g = ops::clip(g, -*o.clipvalue, *o.clipvalue);
  }
  return clipped;
}

// The learning rate of a step, which is counted from 1 here and from 0 in schedules.
Tensor Optimizer::rate_of(const Tensor& step) const {
  const State& s = *state_;
  if (!schedule()) return s.rate.tensor();
  const DType dtype = s.built_for.empty() ? float32 : widened(s.built_for.front().dtype());
  return ops::of_step(
      step, schedule()->name(), [f = *schedule()](std::int64_t t) { return f(t - 1); }, dtype);
}

Tensor Optimizer::apply(const Tensors& gradients, const std::vector<Variable>& variables) {
  State& s = *state_;
  NameScope scope("optimizer");
  const Tensor scale = loss_scale_ == nullptr ? Tensor() : loss_scale_->update(gradients);
  const Tensor step = ops::increment(s.iterations);
  assign_step(s.iterations, step, scale);
  Tensors scalars = {rate_of(step)};
  if (s.rule.takes_step) scalars.push_back(step);
  if (s.rule.product) {
    const DType dtype = s.product.dtype();
    scalars.push_back(s.product * ops::of_step(step, "momentum", s.rule.product, dtype));
    assign_step(s.product, scalars.back(), scale);
  }
  std::vector<Variable> rewritten = variables;
  for (const auto& group : s.slots) {
    for (const auto& slot : group) rewritten.insert(rewritten.end(), slot.begin(), slot.end());
  }
  Tensors g = gradients;
  Tensor rest = scale;  // what is left to the update
  if (s.options.loss_scale_factor) g = divide(g, *s.options.loss_scale_factor);
  if (clips(s.options) && scale) {
    g = multiply(g, scale);
    rest = ops::greater(scale, constant(0, scale.dtype()));
  }
  const Tensors updated = add_update(s.rule.op, scalars, clip(g), rewritten, rest);
  for (std::size_t i = 0; i < updated.size(); ++i) rewritten[i].assign(updated[i]);
  if (s.options.use_ema) average(step, scale);
  return scale;
}

// average = m average + (1 - m) w, m = 0 in the first step; then w = average every few steps.
void Optimizer::average(const Tensor& step, const Tensor& scale) {
  State& s = *state_;
  const double momentum = s.options.ema_momentum;
  const std::optional<std::int64_t> every = s.options.ema_overwrite_frequency;
  for (std::size_t i = 0; i < s.built_for.size(); ++i) {
    const Variable &w = s.built_for[i], &average = s.averages[i];
    const Tensor m = ops::of_step(
        step, "ema_momentum", [=](std::int64_t t) { return t == 1 ? 0 : momentum; }, w.dtype());
    assign_step(average, average * m + w * (1.0 - m), scale);
    if (!every) continue;
    const Tensor taken = ops::of_step(
        step, "ema_overwrite", [n = *every](std::int64_t t) { return t % n == 0 ? 1 : 0; },
        w.dtype());
    assign_step(w, w * (1.0 - taken) + average * taken, scale);
  }
}

void Optimizer::finalize_variable_values() {
  if (!state_->options.use_ema) return;
  for (std::size_t i = 0; i < state_->averages.size(); ++i) {
    state_->built_for[i].assign(state_->averages[i].value());
  }
}

}  // namespace banach
