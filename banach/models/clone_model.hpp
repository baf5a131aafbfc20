#pragma once

#include <banach/models/model.hpp>

namespace banach::models {

/// A model of the same layers, made from their configs: their names, new initial weights, not
/// compiled. `clone->set_weights(model.get_weights())` takes the weights, too. Where copies of a
/// model are handles to one. NotSupported for functions of your own among the options, and for
/// classes that are not registered.
std::shared_ptr<Model> clone_model(const Model& model);

}  // namespace banach::models
