#pragma once

#include <banach/layers/layer.hpp>
#include <banach/layers/symbolic.hpp>

#include <map>
#include <memory>
#include <vector>

namespace banach {

/// The graph of calls between the inputs and the outputs of a functional model. Keras:
/// ops/function.py.
class FunctionalGraph {
 public:
  /// InvalidArgument when an output does not follow from the inputs, or two layers share a name.
  FunctionalGraph(Tensors inputs, Tensors outputs);

  /// What the outputs are when the inputs are these.
  Tensors run(const Tensors& inputs, const CallContext& context) const;

  const Tensors& inputs() const { return inputs_; }
  const Tensors& outputs() const { return outputs_; }
  /// Every layer once, in Keras' order: by its longest way to an output, then as met from there.
  const std::vector<std::shared_ptr<Layer>>& layers() const { return layers_; }
  /// Every call, inputs before users.
  const std::vector<NodePtr>& nodes() const { return nodes_; }
  /// The calls of a layer within the graph, in the order of their making.
  std::vector<NodePtr> calls(const Layer& layer) const;
  /// Which call of its layer each node is, from 0.
  std::map<const Node*, int> call_numbers() const;
  /// Whether each call is of another layer, and on nothing but what the call before it returned.
  bool is_chain() const;

 private:
  void order_layers(const std::vector<NodePtr>& met);

  Tensors inputs_, outputs_;
  std::vector<NodePtr> nodes_;  // in the order of their making, inputs before users
  std::vector<std::shared_ptr<Layer>> layers_;
};

}  // namespace banach
