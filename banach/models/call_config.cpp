#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/models/call_config.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace banach {
namespace {

constexpr std::string_view kOperators = "keras.src.ops";  // the modules of their classes

// Operators that are layers too, on tensors of one rank and dtype.
constexpr std::string_view kLayersToo[] = {"Add",     "Subtract", "Multiply",
                                           "Maximum", "Minimum",  "Concatenate"};

bool is_tensor(const Json& json) {
  const Json* name = json.find("class_name");
  return name && name->is_string() && name->as_string() == "__keras_tensor__";
}

[[noreturn]] void refuse_argument(const std::string& layer, const std::string& argument) {
  throw NotSupported(fmt::format(
      "[{}] expected a call with tensors alone, received {}: save the model without it, or "
      "with a layer that does it",
      layer, argument));
}

// The tensors in the arguments of a call, whatever lists they stand in.
void collect_tensors(const std::string& layer, const Json& json, std::vector<Json>& found) {
  if (is_tensor(json)) {
    found.push_back(json);
  } else if (json.is_list()) {
    for (const Json& item : json.as_list()) collect_tensors(layer, item, found);
  } else if (!json.is_null()) {
    refuse_argument(layer, json.str());
  }
}

// Null, or a list of such, as of the masks of several inputs.
bool says_nothing(const Json& value) {
  return value.is_null() || (value.is_list() && std::ranges::all_of(value.as_list(), says_nothing));
}

void check_keyword(const std::string& layer, const std::string& name, const Json& value) {
  if (says_nothing(value)) return;
  if (name != "training" || value != Json(false)) {
    refuse_argument(layer, name + "=" + value.str());
  }
  warn(fmt::format(
      "[{}] its call has training=False, which was ignored: in fit() it works as in training",
      layer));
}

// Of a call as Keras 3 writes it.
std::vector<Json> call_tensors(const std::string& layer, const Json& call) {
  std::vector<Json> tensors;
  collect_tensors(layer, call.at("args"), tensors);
  const Json* keywords = call.find("kwargs");
  if (keywords == nullptr) return tensors;
  for (const auto& [name, value] : keywords->as_dict()) {
    if (name == "inputs") {
      collect_tensors(layer, value, tensors);
    } else {
      check_keyword(layer, name, value);
    }
  }
  return tensors;
}

bool is_operator(const Json& layer) {
  const Json* module = layer.find("module");
  return module && module->is_string() && module->as_string().starts_with(kOperators);
}

// The dtype of the tensors that an operator takes, when its layer computes the same on them: layers
// broadcast tensors of other ranks from the batch, operators from the last axis.
Json common_dtype(const std::string& name, const Json& call) {
  const std::vector<Json> tensors = call_tensors(name, call);
  const auto rank = [](const Json& t) { return t.at("config").at("shape").as_list().size(); };
  const auto dtype = [](const Json& t) { return t.at("config").at("dtype"); };
  const bool fits = tensors.size() >= 2 && std::ranges::all_of(tensors, [&](const Json& t) {
                      return rank(t) == rank(tensors[0]) && dtype(t) == dtype(tensors[0]);
                    });
  if (fits) return dtype(tensors[0]);
  throw NotSupported(
      fmt::format("[{}] expected an operator on tensors of one rank and dtype, received {}: save "
                  "the model with a "
                  "layer that does it",
                  name, call.at("args").str()));
}

}  // namespace

KerasHistory parse_keras_history(const Json& json) {
  const Json::List& list = json.as_list();
  if (list.size() < 3) {
    throw InvalidArgument("expected a tensor's layer, call and output, received a list of " +
                          std::to_string(list.size()));
  }
  return {list[0].as_string(), list[1].as_int(), list[2].as_int()};
}

std::vector<KerasHistory> call_inputs(const std::string& layer, const Json& call) {
  std::vector<KerasHistory> inputs;
  if (call.is_dict()) {
    for (const Json& tensor : call_tensors(layer, call)) {
      inputs.push_back(parse_keras_history(tensor.at("config").at("keras_history")));
    }
    return inputs;
  }
  for (const Json& input : call.as_list()) {
    inputs.push_back(parse_keras_history(input));
    if (input.as_list().size() < 4) continue;
    for (const auto& [name, value] : input.as_list()[3].as_dict()) {
      check_keyword(layer, name, value);
    }
  }
  return inputs;
}

Json without_operator(const Json& layer) {
  if (!is_operator(layer)) return layer;
  const std::string &name = layer.at("name").as_string(),
                    &class_name = layer.at("class_name").as_string();
  if (std::ranges::find(kLayersToo, class_name) == std::end(kLayersToo)) {
    throw NotSupported(fmt::format(
        "[{}] the operator {} ({}) is not supported: save the model with a layer that does it",
        name, class_name, layer.at("module").as_string()));
  }
  Json result = layer;
  for (const Json& call : layer.at("inbound_nodes").as_list()) {
    result["config"]["dtype"] = common_dtype(name, call);
  }
  return result;
}

}  // namespace banach
