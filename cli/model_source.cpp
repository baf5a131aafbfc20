#include <cli/model_source.hpp>

#include <cli/built_in_models.hpp>
#include <cli/errors.hpp>

#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/formats/file.hpp>
#include <banach/formats/json.hpp>
#include <banach/io/saving.hpp>
#include <banach/models/architecture.hpp>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace banach::cli {
namespace {

constexpr std::uint64_t kMaxArchitecture = std::uint64_t{64} << 20;

ModelSource from_architecture(const Json& json, const std::string& where) {
  ModelSource source;
  try {
    source.model = model_from_architecture(json);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(where + ": " + error.what());
  } catch (const NotFound& error) {
    throw InvalidArgument(where + ": " + error.what());
  }
  if (!source.model->graph()) {
    throw InvalidArgument(fmt::format("{}: add an \"input_shape\", such as [28, 28, 1]", where));
  }
  for (const char* name : {"optimizer", "loss", "metrics"}) {
    if (const Json* found = json.find(name)) source.compile[name] = *found;
  }
  return source;
}

ModelSource read_architecture(const std::string& path) {
  const formats::Bytes bytes = formats::read_file(path, kMaxArchitecture);
  return from_architecture(formats::parse_json(formats::as_text(bytes), path), path);
}

ModelSource built_in(const std::string& name) {
  std::vector<std::string> known;
  for (const BuiltInModel& model : built_in_models()) {
    if (name == model.name)
      return from_architecture(formats::parse_json(model.architecture, name), name);
    known.emplace_back(model.name);
  }
  throw NotFound(
      fmt::format("no model is called '{}'. {}Expected a file .keras, .h5 or .json, or one of: {}",
                  name, did_you_mean(name, known), join(known)));
}

}  // namespace

const char* const kModelHelp =
    "A Keras file (.keras, .h5), an architecture (.json), or a built-in name: mnist-selu, "
    "mnist-mlp";
const char* const kTrainedModelHelp = "A Keras file (.keras, .h5)";

bool is_keras_file(const std::string& suffix) {
  return suffix == ".keras" || suffix == ".h5" || suffix == ".hdf5";
}

void check_suffix(const std::string& path, const std::string& option,
                  const std::vector<std::string>& suffixes) {
  if (std::ranges::find(suffixes, suffix_of(path)) != suffixes.end()) return;
  const std::vector<std::string> others(suffixes.begin(), suffixes.end() - 1);
  throw UsageError(fmt::format("{} '{}': expected a file that ends in {}{}{}", option, path,
                               join(others), others.empty() ? "" : " or ", suffixes.back()));
}

void check_model_path(const std::string& path, const std::string& option,
                      const std::vector<std::string>& suffixes) {
  if (path.empty()) return;
  check_suffix(path, option, suffixes);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder)) {
    throw UsageError(
        fmt::format("{} '{}': there is no folder '{}'", option, path, folder.string()));
  }
}

std::string suffix_of(const std::string& path) {
  if (path.ends_with(".weights.h5")) return ".weights.h5";
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? "" : name.substr(dot);
}

ModelSource read_model(const std::string& name) {
  const std::string suffix = suffix_of(name);
  if (suffix.empty()) return built_in(name);
  if (suffix == ".json") return read_architecture(name);
  return {read_trained_model(name), true, {}};
}

std::shared_ptr<Model> read_trained_model(const std::string& name) {
  if (!is_keras_file(suffix_of(name))) {
    throw UsageError(fmt::format("'{}': expected a Keras file, which ends in .keras or .h5", name));
  }
  return saving::load_model(name);
}

}  // namespace banach::cli
