#pragma once

#include <banach/models/model.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace banach {

struct SaveOptions {
  bool include_optimizer = true;
  bool self_test = true;  ///< a few inputs and outputs in the file, for load_model() to check
};

struct LoadOptions {
  bool compile = true;  ///< with the file's loss, optimizer and metrics, and the optimizer's state
  bool self_test = true;  ///< check that the model computes what it did when banach saved it
};

/// keras.saving. The suffix says the format: .keras (Keras 3; 2.13 and later are read), .h5 (also
/// TensorFlow 2's). Loading executes nothing from the file, opens no other file and needs no more
/// memory than the file's own content.
namespace saving {

/// Writes architecture, weights, compile() and the optimizer's state, in one step: after a crash
/// the old file or the new one is there, complete. NotSupported for what a file cannot hold, such
/// as an activation of your own or a model with a call() of its own; a loss of your own is left out
/// with a warning. RuntimeError before the model is built.
void save_model(const Model& model, const std::string& path, const SaveOptions& options = {});

/// The same errors, and nothing is written.
void check_can_save(const Model& model);

/// The model, compiled as it was. NotFound, IOError; Corruption and NotSupported, which name file,
/// member and reason.
std::shared_ptr<Model> load_model(const std::string& path, const LoadOptions& options = {});

/// Whether a file carries a self-test, which load_model() checks; files of banach do, unless told
/// otherwise.
bool has_self_test(const std::string& path);

}  // namespace saving

/// keras.models: the same.
namespace models {

using saving::load_model;
using saving::save_model;

}  // namespace models
}  // namespace banach
