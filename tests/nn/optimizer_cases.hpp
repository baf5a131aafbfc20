#pragma once

// Optimizers that goldens have trajectories of, and a tape that updates with them.

#include <banach/nn/optimizers.hpp>
#include <tests/support/tolerance.hpp>

#include <vector>

namespace banach::testing {

inline LearningRate cosine() {
  return optimizers::schedules::CosineDecay(0.1, 4, {.warmup_target = 0.2F, .warmup_steps = 2});
}

/// more_optimizers() of tests/golden/make_goldens.py: constants rounded as its README says.
struct OptimizerCase {
  const char* key;
  Optimizer (*make)();
  double tolerance = Tolerance::kFloat64;
};

inline const std::vector<OptimizerCase>& optimizer_cases() {
  using namespace optimizers;
  static const std::vector<OptimizerCase> cases = {
      {"sgd_decay", [] { return SGD(0.1, {.weight_decay = 0.01F}); }},
      {"nesterov_decay",
       [] { return SGD(0.1, {.momentum = 0.9F, .nesterov = true, .weight_decay = 0.01F}); }},
      {"amsgrad", [] { return Adam(0.1, {.beta_1 = 0.8F, .beta_2 = 0.3F, .amsgrad = true}); }},
      {"adamw",
       [] { return AdamW(0.1, {.weight_decay = 0.02F, .beta_1 = 0.9F, .beta_2 = 0.999F}); }},
      {"adamw_default", [] { return AdamW(); }, Tolerance::kFloat64Rounded},
      {"rmsprop", [] { return RMSprop(0.1); }},
      {"rmsprop_momentum", [] { return RMSprop(0.1, {.rho = 0.8, .momentum = 0.7}); }},
      {"rmsprop_centered",
       [] { return RMSprop(0.1, {.rho = 0.8, .epsilon = 1e-3, .centered = true}); }},
      {"rmsprop_both",
       [] { return RMSprop(0.1, {.momentum = 0.7, .centered = true, .weight_decay = 0.01F}); }},
      {"adagrad", [] { return Adagrad(0.1); }},
      {"adagrad_odd",
       [] { return Adagrad(0.1, {.initial_accumulator_value = 0, .epsilon = 1e-3}); }},
      {"nadam", [] { return Nadam(0.1, {.beta_1 = 0.9F, .beta_2 = 0.999F}); },
       Tolerance::kFloat64Rounded},
      {"adamax", [] { return Adamax(0.1, {.beta_1 = 0.9F, .beta_2 = 0.999F}); }},
      {"clipnorm", [] { return SGD(0.1, {.clipnorm = 1.5}); }},
      {"clipvalue", [] { return SGD(0.1, {.clipvalue = 0.5}); }},
      {"global_clipnorm",
       [] { return Adam(0.1, {.beta_1 = 0.9F, .beta_2 = 0.999F, .global_clipnorm = 1.5}); }},
      {"global_clipnorm_unreached", [] { return SGD(0.1, {.global_clipnorm = 100}); }},
      {"ema", [] { return SGD(0.1, {.use_ema = true, .ema_momentum = 0.75}); }},
      {"ema_overwrite",
       [] {
         return Adam(0.1, {.beta_1 = 0.9F,
                           .beta_2 = 0.999F,
                           .use_ema = true,
                           .ema_momentum = 0.75,
                           .ema_overwrite_frequency = 2});
       }},
      {"schedule", [] { return SGD(cosine(), {.momentum = 0.9F}); }},
      {"schedule_decay",
       [] { return AdamW(cosine(), {.weight_decay = 0.02F, .beta_1 = 0.9F, .beta_2 = 0.999F}); }}};
  return cases;
}

/// Updates the variables with gradients that are its inputs.
inline Tape update_tape(Optimizer optimizer, const std::vector<Variable>& variables) {
  Tape tape;
  const Tape::Scope scope(tape);
  Tensors gradients;
  for (const Variable& v : variables) gradients.push_back(tape.input("g", v.shape(), v.dtype()));
  optimizer.build(variables);
  optimizer.apply(gradients, variables);
  return tape;
}

}  // namespace banach::testing
