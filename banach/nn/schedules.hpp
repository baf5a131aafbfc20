#pragma once

#include <banach/core/json.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace banach {

/// A learning rate that changes with the number of steps done before, from 0.
class LearningRateSchedule {
 public:
  using Function = std::function<double(std::int64_t step)>;

  /// One of your own. Without a config, whose class_name is `name`, it cannot be saved. On a GPU
  /// another thread calls it in the middle of a step: it must not read variables or models.
  LearningRateSchedule(std::string name, Function function, Json config = {})
      : name_(std::move(name)), function_(std::move(function)), config_(std::move(config)) {}

  double operator()(std::int64_t step) const { return function_(step); }
  const std::string& name() const { return name_; }  ///< Keras' class name
  const Json& config() const { return config_; }     ///< the arguments; null when it has none

 private:
  std::string name_;
  Function function_;
  Json config_;
};

/// What an optimizer takes: a number, or a schedule.
class LearningRate {
 public:
  LearningRate(double value = 0) : value_(value) {}
  LearningRate(LearningRateSchedule schedule) : value_(std::move(schedule)) {}

  /// Null when it is a number.
  const LearningRateSchedule* schedule() const {
    return std::get_if<LearningRateSchedule>(&value_);
  }
  double at(std::int64_t step) const {
    return schedule() ? (*schedule())(step) : std::get<double>(value_);
  }

 private:
  std::variant<double, LearningRateSchedule> value_;
};

Json to_json(const LearningRateSchedule& schedule);  ///< NotSupported for one without a config
Json to_json(const LearningRate& rate);              ///< the number, or the schedule
void from_json(const Json& json, LearningRate& rate);

/// keras.optimizers.schedules (keras/src/optimizers/schedules/learning_rate_schedule.py), in
/// double. InvalidArgument unless decay_steps is positive.
namespace optimizers::schedules {

struct ExponentialDecayOptions {
  bool staircase = false;  ///< whole numbers of decay_steps only
  std::string name = "ExponentialDecay";
};
/// initial_learning_rate decay_rate^(step / decay_steps)
LearningRateSchedule ExponentialDecay(double initial_learning_rate, std::int64_t decay_steps,
                                      double decay_rate,
                                      const ExponentialDecayOptions& options = {});

struct InverseTimeDecayOptions {
  bool staircase = false;
  std::string name = "InverseTimeDecay";
};
/// initial_learning_rate / (1 + decay_rate step / decay_steps)
LearningRateSchedule InverseTimeDecay(double initial_learning_rate, std::int64_t decay_steps,
                                      double decay_rate,
                                      const InverseTimeDecayOptions& options = {});

/// values[i] for the first i with step <= boundaries[i], else the last value, of which there is one
/// more.
LearningRateSchedule PiecewiseConstantDecay(const std::vector<std::int64_t>& boundaries,
                                            const std::vector<double>& values,
                                            const std::string& name = "PiecewiseConstant");

struct PolynomialDecayOptions {
  double end_learning_rate = 0.0001;
  double power = 1;
  bool cycle = false;  ///< starts again after each decay_steps, ever slower
  std::string name = "PolynomialDecay";
};
/// (initial_learning_rate - end_learning_rate) (1 - step / decay_steps)^power + end_learning_rate
LearningRateSchedule PolynomialDecay(double initial_learning_rate, std::int64_t decay_steps,
                                     const PolynomialDecayOptions& options = {});

struct CosineDecayOptions {
  double alpha = 0;  ///< what is left in the end, as a part of the rate before the decay
  std::string name = "CosineDecay";
  std::optional<double> warmup_target = {};  ///< rises to it linearly, then decays from it
  std::int64_t warmup_steps = 0;
};
/// Half a cosine wave from the rate to alpha of it (Loshchilov & Hutter 2016).
LearningRateSchedule CosineDecay(double initial_learning_rate, std::int64_t decay_steps,
                                 const CosineDecayOptions& options = {});

struct CosineDecayRestartsOptions {
  double t_mul = 2;  ///< each period is this many times as long as the one before
  double m_mul = 1;  ///< and starts from this many times its rate
  double alpha = 0;
  std::string name = "SGDRDecay";
};
LearningRateSchedule CosineDecayRestarts(double initial_learning_rate,
                                         std::int64_t first_decay_steps,
                                         const CosineDecayRestartsOptions& options = {});

std::vector<std::string> names();  ///< the classes that a config may name

}  // namespace optimizers::schedules
}  // namespace banach
