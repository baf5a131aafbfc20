#pragma once

#include <banach/core/json.hpp>
#include <banach/models/model.hpp>

#include <memory>

namespace banach {

/// A new model from what a person writes: what serialize() gives, a Sequential's config alone, or
/// the short form
///
///     {"input_shape": [28, 28, 1],
///      "layers": ["Flatten",
///                 {"repeat": 8, "layers": [{"Dense": {"units": 64, "activation": "selu"}}]},
///                 {"class_name": "Dense", "config": {"units": 10}}]}
///
/// where a layer is its class, its class with its config, or as Keras writes it. Other members,
/// such as "name", are the Sequential's; "loss", "optimizer" and "metrics" are left to the caller.
/// The model is built when it knows its input shape. InvalidArgument and NotFound name the layer
/// and the option.
std::shared_ptr<Model> model_from_architecture(const Json& architecture);

}  // namespace banach
