#pragma once

#include <banach/models/model.hpp>

#include <string>
#include <vector>

namespace banach {

/// Where the weights of one layer of a model stand in Keras' files.
struct LayerPath {
  const Layer* layer = nullptr;
  std::string path;  ///< in .keras and .weights.h5: "layers/dense_1", "" for the model itself
  std::string
      name_path;  ///< by names, for .h5 and .npz: "encoder/dense_7", "" for the model itself
};

/// The model, then its layers and those inside them, each once, as Keras' saving_lib walks them:
/// containers number their members by class, whatever the layers are called.
std::vector<LayerPath> layer_paths(const Model& model);

/// "path/name", or the name alone in the root.
std::string joined_path(const std::string& path, const std::string& name);

/// The last part of a weight's name: "kernel".
std::string short_name(const Variable& weight);

/// Every weight of the model once, by "dense_1/kernel".
std::vector<std::pair<std::string, Variable>> named_weights(const Model& model);

}  // namespace banach
