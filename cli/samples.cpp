#include <cli/samples.hpp>

#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/preprocessing.hpp>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace banach::cli {
namespace {

[[noreturn]] void fail_missing(const DataSource& source, const std::vector<std::string>& wanted) {
  std::vector<std::string> there;
  for (const auto& [name, array] : source.arrays) there.push_back(name);
  throw InvalidArgument(fmt::format("{}: expected the array{} {}, received {}", source.name,
                                    wanted.size() > 1 ? "s" : "", join(wanted, " and "),
                                    there.empty() ? "none" : join(there)));
}

// The arrays of a model's inputs or outputs: by their names, else "x", or "x0", "x1", ....
std::vector<std::string> array_names(const DataSource& source, const std::string& letter,
                                     const std::vector<std::string>& names,
                                     const std::string& suffix) {
  const auto is_there = [&](const std::string& name) { return source.arrays.contains(name); };
  if (std::ranges::all_of(names, is_there)) return names;
  if (names.size() == 1) return {letter + suffix};
  std::vector<std::string> numbered;
  for (std::size_t i = 0; i < names.size(); ++i) {
    numbered.push_back(letter + std::to_string(i) + suffix);
  }
  return numbered;
}

std::vector<Array> arrays(const DataSource& source, const std::vector<std::string>& names,
                          const DataSpec& spec) {
  std::vector<Array> result;
  for (const std::string& name : names) {
    const auto found = source.arrays.find(name);
    if (found == source.arrays.end()) fail_missing(source, names);
    const Array& array = found->second;
    const std::int64_t size = array.rank() > 0 ? array.dim(0) : 0;
    if (spec.first >= size) {
      throw InvalidArgument(fmt::format("{}: '{}' has {} samples, so there is none at {}",
                                        spec.text, name, size, spec.first));
    }
    result.push_back(array.slice(spec.first, std::min(spec.last.value_or(size), size)));
  }
  return result;
}

bool begins_with_rescaling(const Model& model) {
  for (const auto& layer : model.layers()) {
    if (layer->class_name() != "InputLayer") return layer->class_name() == "Rescaling";
  }
  return false;
}

// One-hot rows when the loss compares distributions and y is class numbers.
Array fit_target(const std::string& where, const Array& y, const Loss& loss, const Shape& output) {
  const bool labels =
      !is_floating(y.dtype()) && (y.rank() == 1 || (y.rank() == 2 && y.dim(1) == 1));
  if (!labels || !loss.name().starts_with("categorical") || output[-1] <= 1) return y;
  try {
    return utils::to_categorical(y, output[-1]);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(
        fmt::format("{}: the model knows {} classes: {}", where, output[-1], error.what()));
  }
}

}  // namespace

Array fit_input(const Model& model, std::size_t input, const Array& x, bool rescale) {
  Array result = x;
  if (rescale && x.dtype() == uint8 && !begins_with_rescaling(model)) {
    result = x.astype(float32) / 255;
  }
  const Shape wanted = model.input_shapes().at(input).with(0, x.dim(0));
  const bool fits = wanted.is_known() && wanted.size() == result.size();
  return fits ? result.reshape(wanted) : result;
}

Samples read_samples(const Model& model, const std::string& data, const DataOptions& options,
                     Part part, bool targets) {
  const DataSpec spec = parse_data_spec(data);
  SourceOptions reading{.target = options.target, .ignore = options.ignore, .has_target = targets};
  if (std::filesystem::is_directory(spec.source)) reading.pictures = picture_shape(model);
  const DataSource source = read_source(spec, reading);
  const std::string suffix = part_suffix(source, spec, part);
  Samples samples{.x = arrays(source, array_names(source, "x", model.input_names(), suffix), spec)};
  for (std::size_t i = 0; i < samples.x.size(); ++i) {
    samples.x[i] = fit_input(model, i, samples.x[i], !options.no_rescale);
  }
  if (!targets) return samples;
  const std::vector<std::string> outputs = model.output_names();
  samples.y = arrays(source, array_names(source, "y", outputs, suffix), spec);
  const std::vector<Loss> losses = model.compile_options().loss.of(outputs);
  for (std::size_t i = 0; i < samples.y.size(); ++i) {
    samples.y[i] = fit_target(spec.text, samples.y[i], losses[i], model.output_shapes()[i]);
  }
  return samples;
}

}  // namespace banach::cli
