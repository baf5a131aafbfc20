#pragma once

#include <banach/nn/optimizer.hpp>

#include <optional>
#include <string>
#include <vector>

namespace banach {

/// keras.optimizers. Only one of clipnorm, clipvalue and global_clipnorm may be set.
namespace optimizers {

struct SGDOptions {
  double momentum = 0;
  bool nesterov = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::string name = {};
};
Optimizer SGD(const LearningRate& learning_rate = 0.01, const SGDOptions& options = {});

struct AdamOptions {
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;  ///< divide by the largest second moment so far (Reddi et al. 2018)
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::string name = {};
};
/// Kingma & Ba 2014, with epsilon added to sqrt(v) before the bias correction, as Keras does.
Optimizer Adam(const LearningRate& learning_rate = 0.001, const AdamOptions& options = {});

struct AdamWOptions {
  std::optional<double> weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::string name = {};
};
/// Adam with weight decay (Loshchilov & Hutter 2019).
Optimizer AdamW(const LearningRate& learning_rate = 0.001, const AdamWOptions& options = {});

struct RMSpropOptions {
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;  ///< divide by the root of the variance instead of the second moment
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::string name = {};
};
Optimizer RMSprop(const LearningRate& learning_rate = 0.001, const RMSpropOptions& options = {});

struct AdagradOptions {
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::string name = {};
};
/// Duchi et al. 2011.
Optimizer Adagrad(const LearningRate& learning_rate = 0.001, const AdagradOptions& options = {});

struct NadamOptions {
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::string name = {};
};
/// Adam with Nesterov momentum (Dozat 2015).
Optimizer Nadam(const LearningRate& learning_rate = 0.001, const NadamOptions& options = {});

struct AdamaxOptions {
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::string name = {};
};
/// Adam with the largest instead of the second moment (Kingma & Ba 2014, section 7.1).
Optimizer Adamax(const LearningRate& learning_rate = 0.001, const AdamaxOptions& options = {});

struct LossScaleOptimizerOptions {
  double initial_scale = 32768;
  std::int64_t dynamic_growth_steps = 2000;
  std::string name = {};
};
/// Multiplies the loss so that small gradients do not vanish in float16, and divides the gradients.
/// A step whose gradients are not all finite changes nothing and halves the scale; after
/// `dynamic_growth_steps` others in a row it doubles. compile() puts it around the optimizer of a
/// model whose policy is mixed_float16.
Optimizer LossScaleOptimizer(const Optimizer& inner_optimizer,
                             const LossScaleOptimizerOptions& options = {});

std::vector<std::string> names();  ///< all that Optimizer(name) knows, in small letters

}  // namespace optimizers
}  // namespace banach
