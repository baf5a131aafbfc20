#pragma once

#include <banach/io/saving.hpp>

namespace banach {

/// A .keras file: a ZIP archive of metadata.json, config.json and model.weights.h5, all stored.
/// Keras: saving/saving_lib.py.
void save_keras_file(const Model& model, const std::string& path, const SaveOptions& options);
std::shared_ptr<Model> load_keras_file(const std::string& path, const LoadOptions& options);
bool keras_file_has_self_test(const std::string& path);

}  // namespace banach
