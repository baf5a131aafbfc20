#pragma once

#include <banach/core/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace banach {

/// Where a tensor of a functional model's config comes from: layer, number of the call, number of
/// the output.
struct KerasHistory {
  std::string layer;
  std::int64_t call = 0, output = 0;
};

/// From ["dense", 0, 0], whatever follows. InvalidArgument for anything else.
KerasHistory parse_keras_history(const Json& json);

/// The tensors that one call of a layer takes, as Keras 3 or TensorFlow 2 writes them.
/// NotSupported, naming the layer, when the call takes anything else that changes what it gives,
/// such as a number, a mask or training=True; a warning for training=False, which predict() has
/// anyway.
std::vector<KerasHistory> call_inputs(const std::string& layer, const Json& call);

/// A layer of a functional model's config, as it is unless it is one of Keras' operators: `x + y`
/// becomes the layer that computes the same. NotSupported, naming the operator, for all that no
/// layer computes, such as `2 * x`.
Json without_operator(const Json& layer);

}  // namespace banach
