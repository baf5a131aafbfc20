#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/schedules.hpp>
#include <banach/nn/serialization.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace banach {
namespace {

using namespace optimizers::schedules;

// Each schedule: its arguments, as Keras names them in this order, and the rate of a step.
struct Decay {
  double initial_learning_rate = 0;
  std::int64_t decay_steps = 0;
};

void describe_decay(Fields& fields, Decay& decay) {
  fields.required("initial_learning_rate", decay.initial_learning_rate);
  fields.required("decay_steps", decay.decay_steps);
}

void check_steps(const char* where, const char* name, std::int64_t steps) {
  if (steps > 0) return;
  throw InvalidArgument(fmt::format("[{}] {} must be positive, received {}", where, name, steps));
}

double fraction_of(std::int64_t step, std::int64_t steps) {
  return static_cast<double>(step) / static_cast<double>(steps);
}

struct Exponential {
  static constexpr const char* kClass = "ExponentialDecay";
  Decay decay;
  double decay_rate = 0;
  ExponentialDecayOptions options;

  void describe(Fields& fields) {
    describe_decay(fields, decay);
    fields.required("decay_rate", decay_rate)("staircase", options.staircase)("name", options.name);
  }
  void check() const { check_steps(kClass, "decay_steps", decay.decay_steps); }
  double operator()(std::int64_t step) const {
    const double p = fraction_of(step, decay.decay_steps);
    return decay.initial_learning_rate *
           std::pow(decay_rate, options.staircase ? std::floor(p) : p);
  }
};

struct InverseTime {
  static constexpr const char* kClass = "InverseTimeDecay";
  Decay decay;
  double decay_rate = 0;
  InverseTimeDecayOptions options;

  void describe(Fields& fields) {
    describe_decay(fields, decay);
    fields.required("decay_rate", decay_rate)("staircase", options.staircase)("name", options.name);
  }
  void check() const { check_steps(kClass, "decay_steps", decay.decay_steps); }
  double operator()(std::int64_t step) const {
    const double p = fraction_of(step, decay.decay_steps);
    return decay.initial_learning_rate / (1 + decay_rate * (options.staircase ? std::floor(p) : p));
  }
};

struct PiecewiseConstant {
  static constexpr const char* kClass = "PiecewiseConstantDecay";
  std::vector<std::int64_t> boundaries;
  std::vector<double> values;
  std::string name = "PiecewiseConstant";

  void describe(Fields& fields) {
    fields.required("boundaries", boundaries).required("values", values)("name", name);
  }
  void check() const {
    if (values.size() == boundaries.size() + 1) return;
    throw InvalidArgument(
        fmt::format("[{}] expected one value more than boundaries, received {} values and {} "
                    "boundaries",
                    kClass, values.size(), boundaries.size()));
  }
  double operator()(std::int64_t step) const {
    const auto next = std::ranges::lower_bound(boundaries, step);
    return values[static_cast<std::size_t>(next - boundaries.begin())];
  }
};

struct Polynomial {
  static constexpr const char* kClass = "PolynomialDecay";
  Decay decay;
  PolynomialDecayOptions options;

  void describe(Fields& fields) {
    describe_decay(fields, decay);
    fields("end_learning_rate", options.end_learning_rate)("power", options.power);
    fields("cycle", options.cycle)("name", options.name);
  }
  void check() const { check_steps(kClass, "decay_steps", decay.decay_steps); }
  double operator()(std::int64_t step) const {
    const double p = fraction_of(step, decay.decay_steps);
    const double done = options.cycle ? p / std::max(1.0, std::ceil(p)) : std::min(p, 1.0);
    return (decay.initial_learning_rate - options.end_learning_rate) *
               std::pow(1 - done, options.power) +
           options.end_learning_rate;
  }
};

double half_wave(double done) { return 0.5 * (1 + std::cos(std::numbers::pi * done)); }

struct Cosine {
  static constexpr const char* kClass = "CosineDecay";
  Decay decay;
  CosineDecayOptions options;

  void describe(Fields& fields) {
    describe_decay(fields, decay);
    fields("alpha", options.alpha)("name", options.name);
    fields("warmup_target", options.warmup_target)("warmup_steps", options.warmup_steps);
  }
  void check() const { check_steps(kClass, "decay_steps", decay.decay_steps); }
  double operator()(std::int64_t step) const {
    const double initial = decay.initial_learning_rate;
    if (!options.warmup_target) return decayed(initial, step);
    const double target = *options.warmup_target;
    if (step >= options.warmup_steps) return decayed(target, step - options.warmup_steps);
    return (target - initial) * fraction_of(step, options.warmup_steps) + initial;
  }
  double decayed(double from, std::int64_t step) const {
    const double wave = half_wave(std::min(fraction_of(step, decay.decay_steps), 1.0));
    return from * ((1 - options.alpha) * wave + options.alpha);
  }
};

struct CosineRestarts {
  static constexpr const char* kClass = "CosineDecayRestarts";
  double initial_learning_rate = 0;
  std::int64_t first_decay_steps = 0;
  CosineDecayRestartsOptions options;

  void describe(Fields& fields) {
    fields.required("initial_learning_rate", initial_learning_rate);
    fields.required("first_decay_steps", first_decay_steps);
    fields("t_mul", options.t_mul)("m_mul", options.m_mul)("alpha", options.alpha);
    fields("name", options.name);
  }
  void check() const { check_steps(kClass, "first_decay_steps", first_decay_steps); }
  double operator()(std::int64_t step) const {
    double done = fraction_of(step, first_decay_steps), restarts = std::floor(done);
    const double growth = options.t_mul;
    if (growth == 1) {
      done -= restarts;
    } else {
      restarts = std::floor(std::log(1 - done * (1 - growth)) / std::log(growth));
      const double before = (1 - std::pow(growth, restarts)) / (1 - growth);
      done = (done - before) / std::pow(growth, restarts);
    }
    const double wave = std::pow(options.m_mul, restarts) * half_wave(done);
    return initial_learning_rate * ((1 - options.alpha) * wave + options.alpha);
  }
};

template <class Schedule>
LearningRateSchedule make(Schedule schedule) {
  schedule.check();
  Fields fields;
  schedule.describe(fields);
  return {Schedule::kClass, schedule, fields.written()};
}

template <class Schedule>
LearningRateSchedule read(const Json& config) {
  Fields fields(config, Schedule::kClass);
  Schedule schedule;
  schedule.describe(fields);
  return make(std::move(schedule));
}

struct Row {
  const char* class_name;
  LearningRateSchedule (*make)(const Json& config);
};

template <class Schedule>
constexpr Row row = {Schedule::kClass, read<Schedule>};

constexpr Row kRows[] = {row<Cosine>,      row<CosineRestarts>,    row<Exponential>,
                         row<InverseTime>, row<PiecewiseConstant>, row<Polynomial>};

}  // namespace

Json to_json(const LearningRateSchedule& schedule) {
  if (schedule.config().is_null()) {
    throw NotSupported("the learning-rate schedule '" + schedule.name() +
                       "' is a function of your own and cannot be saved: give it a config");
  }
  return serialized("keras.optimizers.schedules", schedule.name(), schedule.config());
}

Json to_json(const LearningRate& rate) {
  return rate.schedule() ? to_json(*rate.schedule()) : Json(rate.at(0));
}

void from_json(const Json& json, LearningRate& rate) {
  if (json.is_number()) {
    rate = json.as_double();
    return;
  }
  const SerializedObject object = parse_serialized(json, "a learning rate or its schedule");
  const auto found = std::ranges::find_if(
      kRows, [&](const Row& candidate) { return object.class_name == candidate.class_name; });
  if (found == std::end(kRows)) {
    const auto known = names();
    throw InvalidArgument("unknown learning-rate schedule '" + object.class_name + "'. " +
                          did_you_mean(object.class_name, known) + "Known: " + join(known));
  }
  rate = found->make(object.config);
}

namespace optimizers::schedules {

LearningRateSchedule ExponentialDecay(double initial_learning_rate, std::int64_t decay_steps,
                                      double decay_rate, const ExponentialDecayOptions& options) {
  return make(Exponential{{initial_learning_rate, decay_steps}, decay_rate, options});
}
LearningRateSchedule InverseTimeDecay(double initial_learning_rate, std::int64_t decay_steps,
                                      double decay_rate, const InverseTimeDecayOptions& options) {
  return make(InverseTime{{initial_learning_rate, decay_steps}, decay_rate, options});
}
LearningRateSchedule PiecewiseConstantDecay(const std::vector<std::int64_t>& boundaries,
                                            const std::vector<double>& values,
                                            const std::string& name) {
  return make(PiecewiseConstant{boundaries, values, name});
}
LearningRateSchedule PolynomialDecay(double initial_learning_rate, std::int64_t decay_steps,
                                     const PolynomialDecayOptions& options) {
  return make(Polynomial{{initial_learning_rate, decay_steps}, options});
}
LearningRateSchedule CosineDecay(double initial_learning_rate, std::int64_t decay_steps,
                                 const CosineDecayOptions& options) {
  return make(Cosine{{initial_learning_rate, decay_steps}, options});
}
LearningRateSchedule CosineDecayRestarts(double initial_learning_rate,
                                         std::int64_t first_decay_steps,
                                         const CosineDecayRestartsOptions& options) {
  return make(CosineRestarts{initial_learning_rate, first_decay_steps, options});
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& known : kRows) result.emplace_back(known.class_name);
  return result;
}

}  // namespace optimizers::schedules
}  // namespace banach
