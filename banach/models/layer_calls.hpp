#pragma once

#include <banach/models/model.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banach {

/// An output of the call at this position of a list.
struct CallOutput {
  int call = 0, output = 0;
};

/// One call of a layer in a model.
struct LayerCall {
  std::shared_ptr<Layer> layer;
  std::string path;                ///< of the layer: "dense", "encoder/dense" inside a model
  std::string name;                ///< of the call: the same, "dense#2" for the layer's second call
  std::vector<CallOutput> inputs;  ///< empty for an input of the model
  std::optional<Shape> shape;      ///< of the first output, with the batch; none before it is built
};

/// The calls between a model's inputs and its outputs, inputs before users. Models inside are
/// replaced by their own calls; one of a class with a call() of its own is a layer like others.
struct LayerCalls {
  std::vector<LayerCall> calls;
  std::vector<int> inputs;  ///< the calls of the model's inputs, in order; none before it is built

  bool is_input(std::size_t call) const;
};

/// Empty for a model of a class with a call() of its own. A Sequential that is not built yet gives
/// its layers one after the other, the first of them without inputs.
LayerCalls layer_calls(const Model& model);

}  // namespace banach
