#pragma once

#include <banach/core/json.hpp>

#include <string>

namespace banach {

/// How Keras writes an object into a config (saving/serialization_lib.py): {"module", "class_name",
/// "config", "registered_name"}.
Json serialized(const std::string& module, const std::string& class_name, Json config,
                Json registered_name = {});

/// What such a dict says, or a bare name, which stands for an object with the default config.
struct SerializedObject {
  std::string class_name;       ///< the class, or the name of a function
  Json config = Json::dict();   ///< a dict
  std::string registered_name;  ///< "package>name", empty for Keras' own
};
/// InvalidArgument, naming `what` ("an initializer"), for anything else.
SerializedObject parse_serialized(const Json& json, const std::string& what);

}  // namespace banach
