#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/io/weight_paths.hpp>
#include <banach/io/weights_h5.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

using formats::Hdf5Reader;
using formats::Hdf5Writer;

std::string vars_of(const std::string& path) { return joined_path(path, "vars"); }

std::string variable_path(const std::string& vars, std::size_t i) {
  return fmt::format("{}/{}", vars, i);
}

void write_variables(Hdf5Writer& file, const std::string& vars, const std::string& name,
                     const std::vector<Variable>& variables) {
  file.group(vars);
  file.attribute(vars, "name", name);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    write_variable(file, variable_path(vars, i), variables[i]);
  }
}

// Keras 2.13 called the list of layers by another name.
std::string path_in(Hdf5Reader& file, const std::string& path) {
  constexpr std::string_view kLayers = "layers", kOldLayers = "_layer_checkpoint_dependencies";
  if (!file.contains(std::string(kOldLayers))) return path;
  std::string result;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = std::string_view(path).substr(begin, end - begin);
    result += result.empty() ? "" : "/";
    result += part == kLayers ? kOldLayers : part;
    begin = end + 1;
  }
  return result;
}

// How many variables a group holds: 0, 1, ...
std::size_t count_variables(Hdf5Reader& file, const std::string& vars) {
  return file.contains(vars) ? file.members(vars).size() : 0;
}

void plan_layer(Hdf5Reader& file, const LayerPath& entry, VariablePlan& plan) {
  const std::vector<Variable> weights = entry.layer->own_weights();
  const std::string vars = vars_of(path_in(file, entry.path));
  const std::size_t count = count_variables(file, vars);
  if (count != weights.size()) {
    throw Corruption(fmt::format("{}: {}: expected {} variables for the layer '{}', received {}",
                                 file.name(), vars, weights.size(), entry.layer->name(), count));
  }
  for (std::size_t i = 0; i < count; ++i) plan.emplace_back(variable_path(vars, i), weights[i]);
}

void check_shape(Hdf5Reader& file, const std::string& path, const Variable& variable) {
  const Shape shape = file.info(path).shape;
  if (shape == variable.shape()) return;
  throw Corruption(fmt::format("{}: {}: expected shape {} for '{}', received {}", file.name(), path,
                               variable.shape().str(), variable.name(), shape.str()));
}

void read_variable(Hdf5Reader& file, const std::string& path, Variable variable) {
  const DType dtype = file.info(path).dtype;
  if (dtype != variable.dtype()) {
    variable.assign(file.read(path));
    return;
  }
  const auto count = static_cast<std::size_t>(variable.size());
  std::byte* data = variable.data();
  variable.written_in_place();  // also should reading fail half-way
  file.read_into(path, dtype, {data, count * size_of(dtype)});
}

}  // namespace

void write_variable(Hdf5Writer& file, const std::string& path, const Variable& variable) {
  file.dataset(path, variable.shape(), variable.dtype(), [variable] { return variable.value(); });
}

void read_variables(Hdf5Reader& file, const VariablePlan& plan) {
  for (const auto& [path, variable] : plan) check_shape(file, path, variable);
  for (const auto& [path, variable] : plan) read_variable(file, path, variable);
}

void write_weights(Hdf5Writer& file, const Model& model, bool with_optimizer) {
  for (const LayerPath& entry : layer_paths(model)) {
    write_variables(file, vars_of(entry.path), entry.layer->name(), entry.layer->own_weights());
  }
  const std::vector<Variable> state =
      with_optimizer ? optimizer_state(model) : std::vector<Variable>();
  if (!state.empty()) write_variables(file, "optimizer/vars", model.optimizer().name(), state);
  // Keras writes, and expects, what a LossScaleOptimizer wraps a second time
  if (state.empty() || model.optimizer().loss_scale() == nullptr) return;
  const Optimizer inner = model.optimizer().inner_optimizer();
  write_variables(file, "optimizer/inner_optimizer/vars", inner.name(), inner.variables());
}

std::vector<Variable> optimizer_state(const Model& model) {
  if (!model.is_compiled()) return {};
  std::vector<Variable> variables = model.optimizer().variables();
  const bool is_built = std::ranges::all_of(variables, &Variable::is_initialized);
  return is_built ? variables : std::vector<Variable>();
}

void read_weights(Hdf5Reader& file, Model& model) {
  VariablePlan plan;
  for (const LayerPath& entry : layer_paths(model)) plan_layer(file, entry, plan);
  read_variables(file, plan);
}

bool read_optimizer(Hdf5Reader& file, Model& model) {
  const std::string vars = "optimizer/vars";
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count_variables(file, vars); ++i) {
    paths.push_back(variable_path(vars, i));
  }
  return !paths.empty() && read_optimizer_variables(file, paths, model);
}

std::uint64_t weights_bytes(Hdf5Reader& file, const std::string& group) {
  constexpr std::uint64_t kWidest = sizeof(double);
  std::uint64_t bytes = 0;
  for (const std::string& path : file.datasets(group)) {
    bytes += static_cast<std::uint64_t>(file.info(path).shape.size()) * kWidest;
  }
  return bytes;
}

namespace {

// The variables that so many datasets are of. `paths` loses those that nobody has here, and gets an
// empty one for what the file lacks.
std::vector<Variable> variables_of(const Optimizer& optimizer, std::vector<std::string>& paths) {
  constexpr std::size_t kLossScale = 4;  // its variables stand first, and may be on one side alone
  std::vector<Variable> variables = optimizer.variables();
  const bool scaled = optimizer.loss_scale() != nullptr;
  if (!scaled && paths.size() == variables.size() + kLossScale) {
    paths.erase(paths.begin(), paths.begin() + kLossScale);
  }
  if (scaled && paths.size() + kLossScale == variables.size()) {
    return optimizer.inner_optimizer().variables();
  }
  if (paths.empty() || paths.size() + 1 != variables.size()) return variables;
  // Inside a loss scale Keras leaves out Nadam's product, which stands last; TensorFlow 2 kept the
  // learning rate, which stands second, elsewhere.
  paths.insert(scaled ? paths.end() : paths.begin() + 1, "");
  return variables;
}

}  // namespace

bool read_optimizer_variables(Hdf5Reader& file, std::vector<std::string> paths, Model& model) {
  Optimizer optimizer = model.optimizer();
  optimizer.build(model.trainable_weights());
  const std::vector<Variable> variables = variables_of(optimizer, paths);
  bool fits = paths.size() == variables.size();
  for (std::size_t i = 0; fits && i < paths.size(); ++i) {
    fits = paths[i].empty() || file.info(paths[i]).shape == variables[i].shape();
  }
  if (!fits) {
    warn(
        fmt::format("{}: the state of the optimizer was not loaded: '{}' has {} variables of "
                    "certain shapes, the file {}",
                    file.name(), optimizer.name(), variables.size(), paths.size()));
    return false;
  }
  VariablePlan plan;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!paths[i].empty()) plan.emplace_back(paths[i], variables[i]);
  }
  read_variables(file, plan);
  return true;
}

}  // namespace banach
