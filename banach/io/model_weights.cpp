// Model::save_weights and load_weights, by suffix.
#include <banach/core/errors.hpp>
#include <banach/formats/npz.hpp>
#include <banach/formats/safetensors.hpp>
#include <banach/io/legacy_h5.hpp>
#include <banach/io/weight_paths.hpp>
#include <banach/io/weights_h5.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

using namespace formats;
using NamedArrays = std::map<std::string, Array>;

NamedArrays arrays_of(const Model& model) {
  NamedArrays arrays;
  for (const auto& [name, weight] : named_weights(model)) arrays[name] = weight.value();
  return arrays;
}

std::string names_of(const NamedArrays& arrays) {
  std::string names;
  for (const auto& [name, array] : arrays) names += (names.empty() ? "" : ", ") + name;
  return names;
}

// Everything is checked before anything changes.
void set_arrays(Model& model, const NamedArrays& arrays, const std::string& path) {
  auto weights = named_weights(model);
  for (const auto& [name, weight] : weights) {
    const auto found = arrays.find(name);
    if (found == arrays.end()) {
      throw Corruption(fmt::format(
          "{}: no weight '{}'; it holds {}. Give the layers names, or use .weights.h5, which goes "
          "by their order",
          path, name, names_of(arrays)));
    }
    if (found->second.shape() != weight.shape()) {
      throw Corruption(fmt::format("{}: {}: expected shape {}, received {}", path, name,
                                   weight.shape().str(), found->second.shape().str()));
    }
  }
  if (arrays.size() != weights.size()) {
    throw Corruption(
        fmt::format("{}: holds {} weights, the model has {}", path, arrays.size(), weights.size()));
  }
  for (auto& [name, weight] : weights) weight.assign(arrays.at(name));
}

void save_weights_h5(const Model& model, const std::string& path) {
  Hdf5Writer file;
  write_weights(file, model, true);
  file.save(path);
}

// Keras 3's layout, or the legacy one, which the file says.
void load_weights_h5(Model& model, const std::string& path) {
  Hdf5Reader file(path);
  const std::string group = legacy_weights_group(file);
  const auto attributes = file.attributes(group);
  if (std::ranges::find(attributes, "layer_names") != attributes.end()) {
    read_legacy_weights(file, model);
    return;
  }
  read_weights(file, model);
  if (model.is_compiled()) read_optimizer(file, model);
}

void save_weights_npz(const Model& model, const std::string& path) {
  save_npz(path, arrays_of(model));
}
void load_weights_npz(Model& model, const std::string& path) {
  set_arrays(model, load_npz(path), path);
}

void save_weights_safetensors(const Model& model, const std::string& path) {
  Safetensors content;
  for (const auto& [name, weight] : named_weights(model)) {
    content.arrays.emplace_back(name, weight.value());
  }
  save_safetensors(path, content);
}
void load_weights_safetensors(Model& model, const std::string& path) {
  const Safetensors content = load_safetensors(path);
  set_arrays(model, {content.arrays.begin(), content.arrays.end()}, path);
}

struct Format {
  const char* suffix;
  void (*save)(const Model& model, const std::string& path);
  void (*load)(Model& model, const std::string& path);
};

constexpr Format kFormats[] = {
    {".h5", save_weights_h5, load_weights_h5},
    {".hdf5", save_weights_h5, load_weights_h5},
    {".npz", save_weights_npz, load_weights_npz},
    {".safetensors", save_weights_safetensors, load_weights_safetensors}};

const Format& format_of(const std::string& path, const char* where) {
  for (const Format& format : kFormats) {
    if (path.ends_with(format.suffix)) return format;
  }
  throw InvalidArgument(fmt::format(
      "[{}] expected a path that ends in .weights.h5, .npz or .safetensors, received '{}'", where,
      path));
}

void check_built(const Model& model, const char* where) {
  if (model.graph() != nullptr || !model.weights().empty()) return;
  throw RuntimeError(
      fmt::format("[{}] the model '{}' is not built: it has no weights yet", where, model.name()));
}

}  // namespace

void Model::save_weights(const std::string& path) const {
  check_built(*this, "save_weights");
  format_of(path, "save_weights").save(*this, path);
}

void Model::load_weights(const std::string& path) {
  check_built(*this, "load_weights");
  format_of(path, "load_weights").load(*this, path);
}

}  // namespace banach
