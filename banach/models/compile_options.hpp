#pragma once

#include <banach/nn/losses.hpp>
#include <banach/nn/metrics.hpp>
#include <banach/nn/optimizers.hpp>

#include <concepts>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace banach {

/// The losses of a model: one for every output, one an output in order, or by the output's name:
/// `{{"age", "mse"}, {"class", losses::categorical_crossentropy}}`.
class Losses {
 public:
  Losses() = default;  ///< none: compile() says so
  Losses(const char* name) : Losses(Loss(name)) {}
  Losses(const std::string& name) : Losses(Loss(name)) {}
  Losses(Loss::Pointer function) : Losses(Loss(function)) {}
  Losses(const Loss& loss) : one_(true), list_{loss} {}
  template <class F>
  requires std::is_invocable_r_v<Tensor, F, const Tensor&, const Tensor&> Losses(F function)
      : Losses(Loss(std::move(function))) {}
  Losses(std::initializer_list<Loss> losses) : list_(losses) {}
  Losses(std::initializer_list<std::pair<const std::string, Loss>> losses) : by_name_(losses) {}

  /// One loss an output. InvalidArgument unless each output has one and nothing else does.
  std::vector<Loss> of(const std::vector<std::string>& outputs) const;
  /// As Keras writes it. NotSupported for a function of your own.
  Json config() const;
  static Losses from_config(const Json& config);

 private:
  bool one_ = false;
  std::vector<Loss> list_;
  std::map<std::string, Loss> by_name_;
};

/// The metrics of a model: those of its one output, or of each output in order or by name:
/// `{{"age", {"mae"}}, {"class", {"accuracy"}}}`.
class Metrics {
 public:
  Metrics() = default;
  Metrics(std::initializer_list<Metric> metrics) : list_(metrics) {}
  Metrics(std::vector<Metric> metrics) : list_(std::move(metrics)) {}
  Metrics(std::initializer_list<std::pair<const std::string, std::vector<Metric>>> metrics)
      : by_name_(metrics) {}
  static Metrics by_output(std::vector<std::vector<Metric>> metrics);

  /// The metrics of each output. InvalidArgument for an output that there is not.
  std::vector<std::vector<Metric>> of(const std::vector<std::string>& outputs) const;
  Json config() const;
  static Metrics from_config(const Json& config);

 private:
  std::vector<Metric> list_;
  std::vector<std::vector<Metric>> lists_;
  std::map<std::string, std::vector<Metric>> by_name_;
};

/// How much each output's loss counts in the sum: in order, or by name; 1 where nothing is said.
class LossWeights {
 public:
  LossWeights() = default;
  LossWeights(std::initializer_list<double> weights) : list_(weights) {}
  LossWeights(std::initializer_list<std::pair<const std::string, double>> weights)
      : by_name_(weights) {}

  std::vector<double> of(const std::vector<std::string>& outputs) const;
  Json config() const;
  static LossWeights from_config(const Json& config);

 private:
  std::vector<double> list_;
  std::map<std::string, double> by_name_;
};

/// What compile() does about layers that keep a network of SELU from self-normalizing
/// (models/snn_check.hpp).
enum class SnnCheck { off, warn, error };

struct CompileOptions {
  Losses loss = {};
  Optimizer optimizer = "rmsprop";
  Metrics metrics = {};
  LossWeights loss_weights = {};
  Metrics weighted_metrics = {};  ///< these see sample and class weights
  /// Op by op on the reference backend; stops at the first NaN and names its layer, unless the
  /// optimizer has a loss scale, which meets them on purpose.
  bool run_eagerly = false;
  /// Puts optimizers::LossScaleOptimizer around the optimizer of a model whose policy is
  /// mixed_float16, and warns of layers in float16 without. Not in files, as in Keras.
  bool auto_scale_loss = true;
  /// warn: a line each with the fix; error: InvalidArgument with all of them. Not in files: a model
  /// that is loaded is not checked again.
  SnnCheck snn_check = SnnCheck::warn;
};

}  // namespace banach
