#pragma once

#include <banach/core/array.hpp>

#include <map>
#include <string>

/// The files of tests/golden; its README says what is in them.
namespace banach::testing {

/// The arrays of an .npz file by key; read once.
const std::map<std::string, Array>& golden(const std::string& file);
/// One of them; NotFound names the file and the key.
const Array& golden(const std::string& file, const std::string& key);
/// The bytes of any other file.
std::string golden_text(const std::string& file);

}  // namespace banach::testing
