#pragma once

#include <banach/io/saving.hpp>

#include <functional>

namespace banach {

/// compile()'s part of a file by `config_of`; null for a model that is not compiled, and, with a
/// warning, for one compiled with functions of your own.
Json compiled_config(const Model& model, Json (*config_of)(const CompileOptions& options));

/// A model as Keras writes it, with the shape that it was built for and, when asked, compile()'s
/// part: what config.json of a .keras file holds.
Json model_json(const Model& model, bool with_compile);

/// A built model from its serialized form, whose weights are zeros: what to read them into.
/// Corruption, beginning with `where`, for a config that makes no model, or asks for more than
/// `max_weights` bytes.
std::shared_ptr<Model> model_from_json(const Json& serialized, const std::string& where,
                                       std::uint64_t max_weights);

/// compile() with a config of a file; nothing for null. Errors begin with `where`.
void compile_from_json(Model& model, const Json& config, const std::string& where);

}  // namespace banach
