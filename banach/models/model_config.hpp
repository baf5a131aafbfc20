#pragma once

#include <banach/layers/layer.hpp>

#include <memory>

namespace banach {

/// What Keras writes for a layer or a model: module, class, config. NotSupported for what cannot be
/// saved, such as a function of your own.
Json serialize(const Layer& layer);

/// A new layer or model from that. A layer is unbuilt; a model is built when its config says the
/// shapes of its inputs. InvalidArgument, NotFound or NotSupported name the layer and the field.
std::shared_ptr<Layer> deserialize(const Json& serialized);

}  // namespace banach
