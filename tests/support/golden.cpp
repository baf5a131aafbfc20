#include "golden.hpp"

#include <banach/core/errors.hpp>
#include <banach/formats/file.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/npz.hpp>

namespace banach::testing {
namespace {

std::string path_of(const std::string& file) { return std::string(BANACH_GOLDEN_DIR) + "/" + file; }

}  // namespace

const std::map<std::string, Array>& golden(const std::string& file) {
  static std::map<std::string, std::map<std::string, Array>> files;
  const auto known = files.find(file);
  if (known != files.end()) return known->second;
  return files[file] = formats::load_npz(path_of(file));
}

const Array& golden(const std::string& file, const std::string& key) {
  const auto& arrays = golden(file);
  const auto found = arrays.find(key);
  if (found == arrays.end()) throw NotFound("[golden] " + file + " has no array '" + key + "'");
  return found->second;
}

const Json& golden_config(const std::string& kind, const std::string& name) {
  static const Json all = formats::parse_json(golden_text("configs.json"), "configs.json");
  return all.at(kind).at(name);
}

std::string golden_text(const std::string& file) {
  const formats::Bytes bytes = formats::read_file(path_of(file));
  return std::string(formats::as_text(bytes));
}

}  // namespace banach::testing
