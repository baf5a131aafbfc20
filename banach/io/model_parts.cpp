#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/io/compile_config.hpp>
#include <banach/io/model_parts.hpp>
#include <banach/layers/blank_weights.hpp>
#include <banach/models/model_config.hpp>

#include <fmt/format.h>

namespace banach {

Json compiled_config(const Model& model, Json (*config_of)(const CompileOptions& options)) {
  if (!model.is_compiled()) return {};
  try {
    return config_of(model.compile_options());
  } catch (const NotSupported& error) {
    warn(
        fmt::format("[{}] saved without what compile() was given: {}", model.name(), error.what()));
    return {};
  }
}

Json model_json(const Model& model, bool with_compile) {
  Json json = serialize(model);
  const std::vector<Shape> shapes = model.input_shapes();
  if (shapes.size() == 1) json["build_config"] = Json::dict({{"input_shape", to_json(shapes[0])}});
  const Json compiled = with_compile ? compiled_config(model, compile_config) : Json();
  if (!compiled.is_null()) json["compile_config"] = compiled;
  return json;
}

std::shared_ptr<Model> model_from_json(const Json& serialized, const std::string& where,
                                       std::uint64_t max_weights) {
  std::shared_ptr<Layer> layer;
  try {
    const BlankWeights blank(max_weights);
    layer = deserialize(serialized);
  } catch (const NotSupported& error) {
    throw NotSupported(fmt::format("{}: {}", where, error.what()));
  } catch (const NotFound& error) {
    throw NotFound(fmt::format("{}: {}", where, error.what()));
  } catch (const InvalidArgument& error) {
    throw Corruption(fmt::format("{}: {}", where, error.what()));
  }
  const auto model = std::dynamic_pointer_cast<Model>(layer);
  if (model == nullptr) {
    throw NotSupported(fmt::format("{}: expected a model, received a layer of class {}", where,
                                   layer->class_name()));
  }
  if (model->graph() == nullptr) {
    throw NotSupported(fmt::format(
        "{}: the model was saved before it knew the shape of its input: build it, then save it",
        where));
  }
  return model;
}

void compile_from_json(Model& model, const Json& config, const std::string& where) {
  if (config.is_null() || (config.is_dict() && config.as_dict().empty())) return;
  const char* hint = "load with {.compile = false} and compile the model yourself";
  try {
    model.compile(parse_compile_config(config));
  } catch (const NotSupported& error) {
    throw NotSupported(fmt::format("{}: {}: {}", where, error.what(), hint));
  } catch (const InvalidArgument& error) {
    throw Corruption(fmt::format("{}: {}: {}", where, error.what(), hint));
  }
}

}  // namespace banach
