#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/log.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/floatx.hpp>
#include <banach/nn/optimizers.hpp>
#include <banach/nn/serialization.hpp>
#include <banach/ops/update.hpp>

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace banach {
namespace {

// What every optimizer's config begins with.
template <class Options>
void describe_common(Fields& fields, LearningRate& rate, Options& o) {
  fields("name", o.name)("learning_rate", rate)("weight_decay", o.weight_decay);
  fields("clipnorm", o.clipnorm)("global_clipnorm", o.global_clipnorm)("clipvalue", o.clipvalue);
  fields("use_ema", o.use_ema)("ema_momentum", o.ema_momentum);
  fields("ema_overwrite_frequency", o.ema_overwrite_frequency);
  fields("loss_scale_factor", o.loss_scale_factor).only("gradient_accumulation_steps", Json());
}

// What it ends with: the arguments of its rule.
void describe(Fields& fields, optimizers::SGDOptions& o) {
  fields("momentum", o.momentum)("nesterov", o.nesterov);
}
void describe(Fields& fields, optimizers::RMSpropOptions& o) {
  fields("rho", o.rho)("momentum", o.momentum)("epsilon", o.epsilon)("centered", o.centered);
}
void describe(Fields& fields, optimizers::AdagradOptions& o) {
  fields("initial_accumulator_value", o.initial_accumulator_value)("epsilon", o.epsilon);
}
template <class AdamLike>
void describe(Fields& fields, AdamLike& o) {
  fields("beta_1", o.beta_1)("beta_2", o.beta_2)("epsilon", o.epsilon);
  if constexpr (requires { o.amsgrad; }) fields("amsgrad", o.amsgrad);
}

template <class Options>
Json config_of(Options options) {
  Fields fields;
  describe(fields, options);
  return fields.written();
}

template <class Options>
OptimizerOptions common(const Options& o) {
  return {o.weight_decay,
          o.clipnorm,
          o.clipvalue,
          o.global_clipnorm,
          o.use_ema,
          o.ema_momentum,
          o.ema_overwrite_frequency,
          o.loss_scale_factor,
          o.name};
}

template <class Rule>
std::shared_ptr<const Op> update_op(const Rule& rule, const std::optional<double>& weight_decay) {
  return std::make_shared<UpdateOp<Rule>>(rule, weight_decay.value_or(0));
}

void check_fraction(const char* where, const char* name, double value) {
  if (!(value >= 0 && value < 1)) {
    throw InvalidArgument(
        fmt::format("[{}] {} must be in [0, 1), received {}", where, name, value));
  }
}

void check_momentum(const char* where, double momentum) {
  if (!(momentum >= 0 && momentum <= 1)) {
    throw InvalidArgument(
        fmt::format("[{}] momentum must be in [0, 1], received {}", where, momentum));
  }
}

void check_epsilon(const char* where, double epsilon) {
  if (!(epsilon > 0)) {
    throw InvalidArgument(
        fmt::format("[{}] epsilon must be positive, received {}", where, epsilon));
  }
}

template <class AdamLike>
void check_adam(const char* where, const AdamLike& o) {
  check_fraction(where, "beta_1", o.beta_1);
  check_fraction(where, "beta_2", o.beta_2);
  check_epsilon(where, o.epsilon);
}

template <class Options>
Optimizer make_adam(const char* class_name, const char* name, const LearningRate& rate,
                    const Options& o) {
  check_adam(class_name, o);
  Optimizer::Rule rule{class_name, name, {{"momentum", "velocity"}}, true, nullptr, config_of(o)};
  if (o.amsgrad) {
    rule.slots.push_back({"velocity_hat"});
    rule.op = update_op(rules::Adam<true>{o.beta_1, o.beta_2, o.epsilon}, o.weight_decay);
  } else {
    rule.op = update_op(rules::Adam<false>{o.beta_1, o.beta_2, o.epsilon}, o.weight_decay);
  }
  return Optimizer(std::move(rule), rate, common(o));
}

std::shared_ptr<const Op> rmsprop_op(const optimizers::RMSpropOptions& o) {
  const auto make = [&](const auto& rule) { return update_op(rule, o.weight_decay); };
  const double rho = o.rho, momentum = o.momentum, epsilon = o.epsilon;
  if (o.centered && momentum > 0) return make(rules::Rmsprop<true, true>{rho, momentum, epsilon});
  if (o.centered) return make(rules::Rmsprop<true, false>{rho, momentum, epsilon});
  if (momentum > 0) return make(rules::Rmsprop<false, true>{rho, momentum, epsilon});
  return make(rules::Rmsprop<false, false>{rho, momentum, epsilon});
}

}  // namespace

namespace optimizers {

Optimizer SGD(const LearningRate& learning_rate, const SGDOptions& o) {
  check_momentum("SGD", o.momentum);
  Optimizer::Rule rule{"SGD", "sgd", {}, false, nullptr, config_of(o)};
  if (o.momentum != 0) rule.slots = {{"momentum"}};
  if (o.momentum == 0) {
    rule.op = update_op(rules::Sgd(), o.weight_decay);
  } else if (o.nesterov) {
    rule.op = update_op(rules::Momentum<true>{o.momentum}, o.weight_decay);
  } else {
    rule.op = update_op(rules::Momentum<false>{o.momentum}, o.weight_decay);
  }
  return Optimizer(std::move(rule), learning_rate, common(o));
}

Optimizer Adam(const LearningRate& learning_rate, const AdamOptions& o) {
  return make_adam("Adam", "adam", learning_rate, o);
}

Optimizer AdamW(const LearningRate& learning_rate, const AdamWOptions& o) {
  if (!o.weight_decay) throw InvalidArgument("[AdamW] weight_decay must be a number");
  return make_adam("AdamW", "adam_w", learning_rate, o);
}

Optimizer RMSprop(const LearningRate& learning_rate, const RMSpropOptions& o) {
  check_fraction("RMSprop", "rho", o.rho);
  check_momentum("RMSprop", o.momentum);
  check_epsilon("RMSprop", o.epsilon);
  Optimizer::Rule rule{"RMSprop", "rm_sprop", {{"velocity"}}, false, rmsprop_op(o), config_of(o)};
  if (o.momentum > 0) rule.slots.push_back({"momentum"});
  if (o.centered) rule.slots.push_back({"average_gradient"});
  return Optimizer(std::move(rule), learning_rate, common(o));
}

Optimizer Adagrad(const LearningRate& learning_rate, const AdagradOptions& o) {
  check_epsilon("Adagrad", o.epsilon);
  const auto op = update_op(rules::Adagrad{o.epsilon}, o.weight_decay);
  return Optimizer({"Adagrad",
                    "adagrad",
                    {{"accumulator"}},
                    false,
                    op,
                    config_of(o),
                    o.initial_accumulator_value},
                   learning_rate, common(o));
}

Optimizer Nadam(const LearningRate& learning_rate, const NadamOptions& o) {
  check_adam("Nadam", o);
  const rules::Nadam rule{o.beta_1, o.beta_2, o.epsilon};
  return Optimizer({"Nadam",
                    "nadam",
                    {{"momentum", "velocity"}},
                    true,
                    update_op(rule, o.weight_decay),
                    config_of(o),
                    0,
                    [rule](std::int64_t t) { return rule.momentum_at(t); }},
                   learning_rate, common(o));
}

Optimizer Adamax(const LearningRate& learning_rate, const AdamaxOptions& o) {
  check_adam("Adamax", o);
  const auto op = update_op(rules::Adamax{o.beta_1, o.beta_2, o.epsilon}, o.weight_decay);
  return Optimizer({"Adamax", "adamax", {{"momentum", "norm"}}, true, op, config_of(o)},
                   learning_rate, common(o));
}

Optimizer LossScaleOptimizer(const Optimizer& inner_optimizer, const LossScaleOptimizerOptions& o) {
  if (!is_scale(o.initial_scale)) {
    throw InvalidArgument(
        fmt::format("[LossScaleOptimizer] initial_scale must be a number > 0 that float32 holds, "
                    "received {}",
                    o.initial_scale));
  }
  if (o.dynamic_growth_steps < 1) {
    throw InvalidArgument(
        fmt::format("[LossScaleOptimizer] dynamic_growth_steps must be >= 1, received {}",
                    o.dynamic_growth_steps));
  }
  const std::string name = o.name.empty() ? "loss_scale_optimizer" : o.name;
  return Optimizer(inner_optimizer, LossScale{name, o.initial_scale, o.dynamic_growth_steps});
}

}  // namespace optimizers

namespace {

// The row's function: reads the arguments and calls `make` with them.
template <class Options, Optimizer (*make)(const LearningRate&, const Options&)>
Optimizer read(const Json& config, const char* class_name, double default_rate) {
  Fields fields(config, class_name);
  LearningRate rate = default_rate;
  Options options;
  describe_common(fields, rate, options);
  describe(fields, options);
  for (const char* name : {"jit_compile", "is_legacy_optimizer"}) fields.skip(name);  // of TF 2
  if (const auto unknown = fields.unknown(); !unknown.empty()) {
    warn(fmt::format("[{}] these options of its config are not known and were ignored: {}",
                     class_name, join(unknown)));
  }
  return make(rate, options);
}

struct Row {
  const char* class_name;
  Optimizer (*make)(const Json& config, const char* class_name, double default_rate);
  double default_rate = 0.001;
};

using namespace optimizers;
constexpr Row kRows[] = {
    {"Adagrad", read<AdagradOptions, Adagrad>}, {"Adam", read<AdamOptions, Adam>},
    {"Adamax", read<AdamaxOptions, Adamax>},    {"AdamW", read<AdamWOptions, AdamW>},
    {"Nadam", read<NadamOptions, Nadam>},       {"RMSprop", read<RMSpropOptions, RMSprop>},
    {"SGD", read<SGDOptions, SGD>, 0.01},
};

std::string lowered(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

Json loss_scale_config(const LossScale& loss_scale, const Json& inner) {
  return Json::dict({{"name", loss_scale.name},
                     {"inner_optimizer", inner},
                     {"initial_scale", loss_scale.initial_scale},
                     {"dynamic_growth_steps", loss_scale.growth_steps}});
}

// The options of other optimizers stand here too in older files, at their defaults.
Optimizer read_loss_scale(const Json& config) {
  Fields fields(config, "LossScaleOptimizer");
  Optimizer inner = "adam";
  LossScaleOptimizerOptions o;
  fields.required("inner_optimizer", inner);
  fields("name", o.name)("initial_scale", o.initial_scale);
  fields("dynamic_growth_steps", o.dynamic_growth_steps).only("dynamic", true);
  for (const char* none :
       {"weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "ema_overwrite_frequency",
        "loss_scale_factor", "gradient_accumulation_steps"}) {
    fields.only(none, Json());
  }
  fields.only("use_ema", false).only("ema_momentum", 0.99);
  return LossScaleOptimizer(inner, o);
}

// As Keras, whatever the letters' case.
Optimizer find(const std::string& name, const Json& config) {
  for (const Row& row : kRows) {
    if (lowered(name) == lowered(row.class_name)) {
      return row.make(config, row.class_name, row.default_rate);
    }
  }
  const auto known = names();
  throw InvalidArgument("unknown optimizer '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

}  // namespace

Optimizer::Optimizer(const std::string& name) : Optimizer(find(name, Json::dict())) {
  is_by_name_ = true;
}

Json to_json(const Optimizer& optimizer) {
  if (const LossScale* loss_scale = optimizer.loss_scale()) {
    return serialized("keras.optimizers", optimizer.class_name(),
                      loss_scale_config(*loss_scale, to_json(optimizer.inner_optimizer())));
  }
  const Json& rule = optimizer.rule().config;
  if (rule.is_null()) {
    throw NotSupported("the optimizer '" + optimizer.name() +
                       "' is a rule of your own and cannot be saved: give it a config");
  }
  LearningRate rate;
  if (optimizer.schedule()) {
    rate = *optimizer.schedule();
  } else {  // Keras keeps it in a variable of this type
    rate = Array::full({}, optimizer.learning_rate(), config::floatx()).flat(0);
  }
  OptimizerOptions options = optimizer.options();
  Fields fields;
  describe_common(fields, rate, options);
  Json config = fields.written();
  for (const auto& [name, value] : rule.as_dict()) config[name] = value;
  return serialized("keras.optimizers", optimizer.class_name(), std::move(config));
}

void from_json(const Json& json, Optimizer& optimizer) {
  const SerializedObject object = parse_serialized(json, "an optimizer");
  optimizer = object.class_name == "LossScaleOptimizer" ? read_loss_scale(object.config)
                                                        : find(object.class_name, object.config);
}

std::vector<std::string> optimizers::names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.push_back(lowered(row.class_name));
  return result;
}

}  // namespace banach
