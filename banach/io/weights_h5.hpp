#pragma once

#include <banach/formats/hdf5_reader.hpp>
#include <banach/formats/hdf5_writer.hpp>
#include <banach/models/model.hpp>

#include <string>
#include <utility>
#include <vector>

namespace banach {

/// The weights in Keras 3's own layout: model.weights.h5 inside a .keras file, and .weights.h5.
/// Keras: saving/saving_lib.py, H5IOStore.
void write_weights(formats::Hdf5Writer& file, const Model& model, bool with_optimizer);

/// Step, learning rate and slots of a compiled model's optimizer; none before its first step.
std::vector<Variable> optimizer_state(const Model& model);

/// Fills the weights of a built model. Corruption names file, path and both shapes where they do
/// not fit, NotFound a path that is missing.
void read_weights(formats::Hdf5Reader& file, Model& model);
/// Fills the optimizer's variables, which it builds; false when the file has none. Where the file's
/// are not those of this optimizer, a warning, and the optimizer starts anew, as in Keras.
bool read_optimizer(formats::Hdf5Reader& file, Model& model);

/// The bytes of all weights in the file; what its model may ask for.
std::uint64_t weights_bytes(formats::Hdf5Reader& file, const std::string& group);

/// A dataset of what the variable holds when the file is written.
void write_variable(formats::Hdf5Writer& file, const std::string& path, const Variable& variable);

/// Datasets and the variables that they belong into.
using VariablePlan = std::vector<std::pair<std::string, Variable>>;
/// Corruption, naming both shapes, when one does not fit; then nothing has changed.
void read_variables(formats::Hdf5Reader& file, const VariablePlan& plan);

/// These datasets into the optimizer of a compiled model, when they are as many and of the shapes
/// of its variables, with or without the learning rate or a loss scale; a warning and false else.
bool read_optimizer_variables(formats::Hdf5Reader& file, std::vector<std::string> paths,
                              Model& model);

}  // namespace banach
