#pragma once

#include <banach/formats/hdf5_reader.hpp>
#include <banach/formats/hdf5_writer.hpp>
#include <banach/models/model.hpp>

namespace banach {

/// The .h5 files of TensorFlow 2 and Keras 3: config in attributes, weights by layer name. Keras:
/// legacy/saving/legacy_h5_format.py.
void write_legacy_model(formats::Hdf5Writer& file, const Model& model, bool with_optimizer);

/// The group that holds the weights: "model_weights", or "" in a file of weights alone.
std::string legacy_weights_group(formats::Hdf5Reader& file);

/// Fills the weights of a built model: layers that have weights in order, as Keras does. Corruption
/// names file, layer and both sides where they do not fit.
void read_legacy_weights(formats::Hdf5Reader& file, Model& model);
/// As read_optimizer; also what optimizers before TensorFlow 2.11 wrote.
bool read_legacy_optimizer(formats::Hdf5Reader& file, Model& model);

}  // namespace banach
