#include <banach/core/errors.hpp>
#include <banach/nn/serialization.hpp>

namespace banach {

Json serialized(const std::string& module, const std::string& class_name, Json config,
                Json registered_name) {
  return Json::dict({{"module", module},
                     {"class_name", class_name},
                     {"config", std::move(config)},
                     {"registered_name", std::move(registered_name)}});
}

SerializedObject parse_serialized(const Json& json, const std::string& what) {
  if (json.is_string()) return {json.as_string(), Json::dict(), ""};
  const Json* class_name = json.find("class_name");
  if (class_name == nullptr || !class_name->is_string()) {
    throw InvalidArgument("expected " + what + ": a name or a dict with class_name, received " +
                          json.str());
  }
  SerializedObject result{class_name->as_string(), Json::dict(), ""};
  if (const std::size_t end = result.class_name.find('>'); end != std::string::npos) {
    result.registered_name = result.class_name;  // TensorFlow 2's "Custom>Adam"
    result.class_name.erase(0, end + 1);
  }
  const Json* config = json.find("config");
  // Keras writes a function as {"class_name": "function", "config": its name}.
  if (config != nullptr && config->is_string()) {
    result.class_name = config->as_string();
  } else if (config != nullptr && !config->is_null()) {
    config->as_dict();
    result.config = *config;
  }
  const Json* registered = json.find("registered_name");
  if (registered != nullptr && registered->is_string()) {
    result.registered_name = registered->as_string();
  }
  return result;
}

}  // namespace banach
