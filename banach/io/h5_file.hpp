#pragma once

#include <banach/io/saving.hpp>

namespace banach {

/// A .h5 file of a whole model (io/legacy_h5.hpp), of TensorFlow 2 or Keras 3.
void save_h5_file(const Model& model, const std::string& path, const SaveOptions& options);
std::shared_ptr<Model> load_h5_file(const std::string& path, const LoadOptions& options);
bool h5_file_has_self_test(const std::string& path);

}  // namespace banach
