#include <banach/core/fields.hpp>
#include <banach/io/compile_config.hpp>

namespace banach {
namespace {

Json common_config(const CompileOptions& options) {
  return Json::dict({{"loss", options.loss.config()},
                     {"loss_weights", options.loss_weights.config()},
                     {"metrics", options.metrics.config()},
                     {"weighted_metrics", options.weighted_metrics.config()},
                     {"run_eagerly", options.run_eagerly},
                     {"steps_per_execution", 1},
                     {"jit_compile", false}});
}

// The serialized objects in a value, whatever lists and dicts they stand in.
Json without_modules(const Json& json) {
  if (json.is_list()) {
    Json::List list;
    for (const Json& item : json.as_list()) list.push_back(without_modules(item));
    return list;
  }
  if (!json.is_dict()) return json;
  Json::Dict dict;
  const bool is_object = json.find("class_name") != nullptr;
  for (const auto& [name, value] : json.as_dict()) {
    if (is_object && (name == "module" || name == "registered_name")) continue;
    dict.emplace_back(name, is_object ? value : without_modules(value));
  }
  return dict;
}

Json part(const Json& config, std::string_view name) {
  const Json* found = config.find(name);
  return found == nullptr ? Json() : *found;
}

}  // namespace

Json compile_config(const CompileOptions& options) {
  Json config = Json::dict({{"optimizer", to_json(options.optimizer)}});
  const Json common = common_config(options);
  for (const auto& [name, value] : common.as_dict()) config[name] = value;
  return config;
}

Json training_config(const CompileOptions& options) {
  Json config = without_modules(common_config(options));
  config["optimizer_config"] = without_modules(to_json(options.optimizer));
  return config;
}

CompileOptions parse_compile_config(const Json& config) {
  CompileOptions options;
  options.snn_check = SnnCheck::off;  // what there is to say was said when the model was made
  const Json optimizer = part(config, "optimizer");
  const Json optimizer_config = optimizer.is_null() ? part(config, "optimizer_config") : optimizer;
  if (!optimizer_config.is_null()) from_json(optimizer_config, options.optimizer);
  const Json loss = part(config, "loss");
  if (!loss.is_null()) options.loss = Losses::from_config(loss);
  options.loss_weights = LossWeights::from_config(part(config, "loss_weights"));
  options.metrics = Metrics::from_config(part(config, "metrics"));
  options.weighted_metrics = Metrics::from_config(part(config, "weighted_metrics"));
  if (const Json* eager = config.find("run_eagerly"); eager && eager->is_bool()) {
    options.run_eagerly = eager->as_bool();
  }
  return options;
}

Json legacy_form(const Json& serialized) {
  Json result = without_modules(serialized);
  Json& config = result["config"];
  const Json* layers = config.find("layers");
  if (layers == nullptr) return result;
  Json::List list;
  for (const Json& layer : layers->as_list()) list.push_back(legacy_form(layer));
  config["layers"] = std::move(list);
  return result;
}

}  // namespace banach
