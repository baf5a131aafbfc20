#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/io/h5_file.hpp>
#include <banach/io/keras_file.hpp>
#include <banach/io/saving.hpp>
#include <banach/models/model_config.hpp>
#include <banach/models/sequential.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

struct Format {
  const char* suffix;
  void (*save)(const Model& model, const std::string& path, const SaveOptions& options);
  std::shared_ptr<Model> (*load)(const std::string& path, const LoadOptions& options);
  bool (*has_self_test)(const std::string& path);
};

constexpr Format kFormats[] = {
    {".keras", save_keras_file, load_keras_file, keras_file_has_self_test},
    {".h5", save_h5_file, load_h5_file, h5_file_has_self_test},
    {".hdf5", save_h5_file, load_h5_file, h5_file_has_self_test}};

const Format& format_of(const std::string& path, const char* where) {
  if (path.ends_with(".weights.h5")) {
    throw InvalidArgument(fmt::format(
        "[{}] '{}' is a file of weights alone: use model.save_weights() and load_weights()", where,
        path));
  }
  for (const Format& format : kFormats) {
    if (path.ends_with(format.suffix)) return format;
  }
  throw InvalidArgument(
      fmt::format("[{}] expected a path that ends in .keras or .h5, received '{}'", where, path));
}

void check_has_graph(const Model& model) {
  if (model.graph() != nullptr) return;
  if (dynamic_cast<const Sequential*>(&model) == nullptr) {
    throw NotSupported(fmt::format(
        "[save_model] the model '{}' says in a call() of its own what it computes, which a file "
        "cannot hold: use save_weights(), or make the model of Input() and layers",
        model.name()));
  }
  throw RuntimeError(fmt::format(
      "[save_model] the model '{}' is not built: give its first layer an input_shape, or call it "
      "on data first",
      model.name()));
}

}  // namespace

void saving::save_model(const Model& model, const std::string& path, const SaveOptions& options) {
  const Format& format = format_of(path, "save_model");
  check_has_graph(model);
  format.save(model, path, options);
}

void saving::check_can_save(const Model& model) {
  check_has_graph(model);
  serialize(model);
}

void Model::save(const std::string& path) const { saving::save_model(*this, path); }

std::shared_ptr<Model> saving::load_model(const std::string& path, const LoadOptions& options) {
  return format_of(path, "load_model").load(path, options);
}

bool saving::has_self_test(const std::string& path) {
  return format_of(path, "has_self_test").has_self_test(path);
}

}  // namespace banach
