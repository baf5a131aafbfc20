#include <banach/core/errors.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/shape.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <unordered_set>

namespace banach {
namespace {

// The nodes that lie on a path from one of `sources`, in order of schedule.
std::vector<NodePtr> dependent_nodes(const Tensor& loss, const Tensors& sources) {
  Tape tape;
  tape.outputs = {loss};
  std::unordered_set<const Node*> dependent;
  for (const Tensor& source : sources) dependent.insert(&source.node());
  std::vector<NodePtr> nodes;
  for (const NodePtr& node : tape.schedule()) {
    const bool found = std::ranges::any_of(
        node->inputs, [&](const Tensor& input) { return dependent.contains(&input.node()); });
    if (!found) continue;
    dependent.insert(node.get());
    nodes.push_back(node);
  }
  return nodes;
}

class GradientMap {
 public:
  void add(const Tensor& tensor, const Tensor& gradient) {
    if (!gradient) return;
    Tensor& sum = gradients_[tensor];
    sum = sum ? sum + gradient : gradient;
  }
  Tensor get(const Tensor& tensor) const {
    const auto found = gradients_.find(tensor);
    return found == gradients_.end() ? Tensor() : found->second;
  }
  /// Gradients of all outputs of a node; none of them set means that nothing flows.
  Tensors of(const NodePtr& node) const {
    Tensors result;
    for (int i = 0; i < static_cast<int>(node->outputs.size()); ++i) {
      result.push_back(get(Tensor(node, i)));
    }
    return result;
  }

 private:
  std::map<Tensor, Tensor> gradients_;
};

Tensors outputs_of(const NodePtr& node) {
  Tensors result;
  for (int i = 0; i < static_cast<int>(node->outputs.size()); ++i) result.emplace_back(node, i);
  return result;
}

}  // namespace

Tensors gradients(const Tensor& loss, const Tensors& with_respect_to) {
  if (loss.shape().size() != 1) {
    throw InvalidArgument(
        fmt::format("gradients expected a scalar loss, received shape {}: take "
                    "the mean or the sum first",
                    loss.shape().str()));
  }
  GradientMap map;
  map.add(loss, ops::broadcast_to(constant(1, loss.dtype()), loss.shape()));
  std::vector<NodePtr> nodes = dependent_nodes(loss, with_respect_to);
  std::ranges::reverse(nodes);
  for (const NodePtr& node : nodes) {
    const Tensors dy = map.of(node);
    if (std::ranges::none_of(dy, [](const Tensor& t) { return static_cast<bool>(t); })) continue;
    const NameScope scope = NameScope::exact(node->scope);
    const Tensors dx = node->op->vjp(node->inputs, outputs_of(node), dy);
    for (std::size_t i = 0; i < dx.size(); ++i) map.add(node->inputs[i], dx[i]);
  }
  Tensors result;
  for (const Tensor& x : with_respect_to) {
    const Tensor found = map.get(x);
    result.push_back(found ? found : ops::broadcast_to(constant(0, x.dtype()), x.shape()));
  }
  return result;
}

}  // namespace banach
