#include <banach/core/errors.hpp>
#include <banach/formats/json.hpp>
#include <banach/io/compile_config.hpp>
#include <banach/io/keras_version.hpp>
#include <banach/io/legacy_h5.hpp>
#include <banach/io/model_parts.hpp>
#include <banach/io/weight_paths.hpp>
#include <banach/io/weights_h5.hpp>
#include <banach/models/model_config.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace banach {
namespace {

using formats::Hdf5Reader;
using formats::Hdf5Writer;

constexpr const char* kTopLevel = "top_level_model_weights";

// Keras' _legacy_weights: those of layers inside included.
std::vector<Variable> legacy_weights(const Layer& layer) {
  std::vector<Variable> weights = layer.trainable_weights();
  const std::vector<Variable> others = layer.non_trainable_weights();
  weights.insert(weights.end(), others.begin(), others.end());
  return weights;
}

// "encoder/dense_7/kernel", each once: layers of different models may share a name.
std::vector<std::string> weight_names(const Layer& layer, const std::vector<Variable>& weights) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  const std::string prefix = layer.sublayers().empty() ? "" : layer.name() + "/";
  for (const Variable& weight : weights) {
    std::string name = prefix + weight.name();
    for (int i = 1; !taken.insert(name).second; ++i) {
      name = fmt::format("{}{}_{}", prefix, weight.name(), i);
    }
    names.push_back(name);
  }
  return names;
}

void write_group(Hdf5Writer& file, const std::string& group, const std::vector<std::string>& names,
                 const std::vector<Variable>& variables) {
  file.group(group);
  file.string_list(group, "weight_names", names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    write_variable(file, group + "/" + names[i], variables[i]);
  }
}

void write_legacy_weights(Hdf5Writer& file, const std::string& group, const Model& model) {
  std::vector<std::string> layer_names;
  for (const auto& layer : model.layers()) {
    layer_names.push_back(layer->name());
    const std::vector<Variable> weights = legacy_weights(*layer);
    write_group(file, group + "/" + layer->name(), weight_names(*layer, weights), weights);
  }
  write_group(file, group + "/" + kTopLevel, {}, {});
  file.string_list(group, "layer_names", layer_names);
  file.attribute(group, "backend", "tensorflow");
  file.attribute(group, "keras_version", kKerasVersion);
}

void write_legacy_optimizer(Hdf5Writer& file, const Model& model) {
  const std::vector<Variable> variables = optimizer_state(model);
  if (variables.empty()) return;
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const Variable& variable : variables) {
    std::string name = variable.name();
    std::ranges::replace(name, '/', '_');
    while (!taken.insert(name).second) name += "_";
    names.push_back(model.optimizer().name() + "/" + name);
  }
  write_group(file, "optimizer_weights", names, variables);
}

std::vector<std::string> names_in(Hdf5Reader& file, const std::string& group, const char* which) {
  const auto names = file.string_list(group, which);
  if (names) return *names;
  throw Corruption(fmt::format("{}: {}: expected an attribute '{}'", file.name(), group, which));
}

// Optimizers before TensorFlow 2.11 listed the step, then one slot of all weights after the other:
// the same paths with the slots of each weight side by side.
std::vector<std::string> in_todays_order(const std::vector<std::string>& paths,
                                         std::size_t num_weights) {
  if (paths.empty() || !paths[0].ends_with("/iter:0") || num_weights == 0) return paths;
  const std::size_t slots = (paths.size() - 1) / num_weights;
  std::vector<std::string> result = {paths[0]};
  for (std::size_t weight = 0; weight < num_weights; ++weight) {
    for (std::size_t slot = 0; slot < slots; ++slot) {
      result.push_back(paths[1 + slot * num_weights + weight]);
    }
  }
  return result;
}

}  // namespace

void write_legacy_model(Hdf5Writer& file, const Model& model, bool with_optimizer) {
  file.attribute("", "keras_version", kKerasVersion);
  file.attribute("", "backend", "tensorflow");
  file.attribute("", "model_config", formats::format_json(legacy_form(serialize(model))));
  write_legacy_weights(file, "model_weights", model);
  if (!with_optimizer || !model.is_compiled()) return;
  const Json compiled = compiled_config(model, training_config);
  if (compiled.is_null()) return;
  file.attribute("", "training_config", formats::format_json(compiled));
  write_legacy_optimizer(file, model);
}

std::string legacy_weights_group(Hdf5Reader& file) {
  return file.contains("model_weights") ? "model_weights" : "";
}

void read_legacy_weights(Hdf5Reader& file, Model& model) {
  const std::string group = legacy_weights_group(file);
  std::vector<std::shared_ptr<Layer>> layers;
  for (const auto& layer : model.layers()) {
    if (!layer->weights().empty()) layers.push_back(layer);
  }
  VariablePlan plan;
  std::size_t next = 0;
  for (const std::string& layer_name : names_in(file, group, "layer_names")) {
    const std::string layer_group = joined_path(group, layer_name);
    const auto names = names_in(file, layer_group, "weight_names");
    if (names.empty()) continue;
    const auto weights =
        next < layers.size() ? legacy_weights(*layers[next]) : std::vector<Variable>();
    if (names.size() != weights.size()) {
      throw Corruption(fmt::format(
          "{}: {}: holds {} weights, expected {} for {}", file.name(), layer_group, names.size(),
          weights.size(),
          next < layers.size() ? "the layer '" + layers[next]->name() + "'" : "no further layer"));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      plan.emplace_back(joined_path(layer_group, names[i]), weights[i]);
    }
    ++next;
  }
  if (next != layers.size()) {
    throw Corruption(
        fmt::format("{}: {}: holds weights of {} layers, expected {}: there are none "
                    "for '{}'",
                    file.name(), group, next, layers.size(), layers[next]->name()));
  }
  read_variables(file, plan);
}

bool read_legacy_optimizer(Hdf5Reader& file, Model& model) {
  const std::string group = "optimizer_weights";
  if (!file.contains(group)) return false;
  std::vector<std::string> paths;
  for (const std::string& name : names_in(file, group, "weight_names")) {
    paths.push_back(joined_path(group, name));
  }
  return read_optimizer_variables(file, in_todays_order(paths, model.trainable_weights().size()),
                                  model);
}

}  // namespace banach
