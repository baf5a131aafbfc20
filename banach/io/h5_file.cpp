#include <banach/core/errors.hpp>
#include <banach/formats/json.hpp>
#include <banach/io/h5_file.hpp>
#include <banach/io/legacy_h5.hpp>
#include <banach/io/model_parts.hpp>
#include <banach/io/self_test.hpp>
#include <banach/io/weights_h5.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

using namespace formats;

std::optional<Json> json_attribute(Hdf5Reader& file, const char* name) {
  const std::optional<Json> text = file.attribute("", name);
  if (!text) return std::nullopt;
  const std::string where = file.name() + ": attribute " + name;
  if (!text->is_string()) {
    throw Corruption(fmt::format("{}: expected a string, received {}", where, text->kind()));
  }
  return parse_json(text->as_string(), where);
}

Probes read_probes(Hdf5Reader& file) {
  Probes probes;
  if (!file.contains(kSelfTestGroup)) return probes;
  for (const std::string& name : file.members(kSelfTestGroup)) {
    probes[name] = file.read(std::string(kSelfTestGroup) + "/" + name);
  }
  return probes;
}

}  // namespace

void save_h5_file(const Model& model, const std::string& path, const SaveOptions& options) {
  Hdf5Writer file;
  write_legacy_model(file, model, options.include_optimizer);
  if (options.self_test) {
    for (const auto& [name, array] : make_probes(model)) {
      file.dataset(std::string(kSelfTestGroup) + "/" + name, array);
    }
  }
  file.save(path);
}

std::shared_ptr<Model> load_h5_file(const std::string& path, const LoadOptions& options) {
  Hdf5Reader file(path);
  const std::optional<Json> config = json_attribute(file, "model_config");
  if (!config) {
    throw NotSupported(fmt::format(
        "{}: holds weights and no model: make the model, then model.load_weights(path)", path));
  }
  const auto model = model_from_json(*config, path + ": model_config",
                                     weights_bytes(file, legacy_weights_group(file)));
  read_legacy_weights(file, *model);
  const auto training = options.compile ? json_attribute(file, "training_config") : std::nullopt;
  if (training) {
    compile_from_json(*model, *training, path + ": training_config");
    if (model->is_compiled()) read_legacy_optimizer(file, *model);
  }
  if (options.self_test) check_probes(*model, read_probes(file), path);
  return model;
}

bool h5_file_has_self_test(const std::string& path) {
  return Hdf5Reader(path).contains(kSelfTestGroup);
}

}  // namespace banach
