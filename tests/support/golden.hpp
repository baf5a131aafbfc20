#pragma once

#include <banach/core/array.hpp>
#include <banach/core/json.hpp>

#include <map>
#include <string>

/// The files of tests/golden; its README says what is in them.
namespace banach::testing {

/// The arrays of an .npz file by key; read once.
const std::map<std::string, Array>& golden(const std::string& file);
/// One of them; NotFound names the file and the key.
const Array& golden(const std::string& file, const std::string& key);
/// What Keras writes for an object of configs.json, such as "optimizers", "adam".
const Json& golden_config(const std::string& kind, const std::string& name);
/// The bytes of any other file.
std::string golden_text(const std::string& file);

}  // namespace banach::testing
