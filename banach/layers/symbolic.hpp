#pragma once

#include <banach/graph/op.hpp>
#include <banach/layers/layer.hpp>

namespace banach {

/// One call of a layer in a functional model: the shapes of its outputs, None where unknown. A call
/// without inputs is Input()'s.
class LayerCallOp final : public Op {
 public:
  LayerCallOp(std::shared_ptr<Layer> layer, std::vector<TensorSpec> outputs)
      : layer(std::move(layer)), outputs(std::move(outputs)) {}
  std::string name() const override { return "layer_call"; }
  std::string attributes() const override { return layer->name(); }
  std::vector<TensorSpec> infer(const Tensors&) const override { return outputs; }
  bool is_symbolic() const override { return true; }

  const std::shared_ptr<Layer> layer;
  const std::vector<TensorSpec> outputs;
};

/// Whether these are tensors of a functional model; InvalidArgument for a mixture.
bool is_symbolic(const Tensors& tensors);

/// The layer's outputs for tensors of a functional model; builds the layer.
Tensors call_symbolically(Layer& layer, const Tensors& inputs);

/// The call that made a tensor of a functional model.
const LayerCallOp& layer_call(const Tensor& tensor);

}  // namespace banach
