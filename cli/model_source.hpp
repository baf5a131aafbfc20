#pragma once

#include <banach/models/model.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banach::cli {

/// What MODEL names: a Keras file (.keras, .h5), an architecture (.json, models/architecture.hpp)
/// or a built-in name.
struct ModelSource {
  std::shared_ptr<Model> model;
  bool trained = false;  ///< its weights come from a file
  Json compile = {};     ///< what an architecture says of loss, optimizer and metrics
};

/// A model that is built. NotFound for a file that there is not and a name that is not built in,
/// InvalidArgument for another suffix, and what reading throws.
ModelSource read_model(const std::string& name);

/// A model from a Keras file. UsageError, naming the argument, for what is no Keras file.
std::shared_ptr<Model> read_trained_model(const std::string& name);

/// What an option "MODEL" is, for help texts.
extern const char* const kModelHelp;
extern const char* const kTrainedModelHelp;

/// UsageError, naming the option, unless the path ends in one of the suffixes and its folder is
/// there; nothing is checked of an empty one. So that no training ends at a misspelled name.
void check_model_path(const std::string& path, const std::string& option,
                      const std::vector<std::string>& suffixes);

/// Whether a suffix is that of a Keras file with a whole model.
bool is_keras_file(const std::string& suffix);

/// UsageError, naming the option, unless the path ends in one of the suffixes.
void check_suffix(const std::string& path, const std::string& option,
                  const std::vector<std::string>& suffixes);

/// The suffix of a path, as the formats are told apart: ".keras", ".weights.h5"; "" without one.
std::string suffix_of(const std::string& path);

}  // namespace banach::cli
