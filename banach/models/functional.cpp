#include <banach/core/errors.hpp>
#include <banach/layers/input.hpp>
#include <banach/models/functional.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace banach {
namespace {

const Layer& layer_of(const Node& node) { return *op_cast<LayerCallOp>(node)->layer; }

// Depth first from the outputs to the inputs, without recursion into deep models. Keras'
// _build_map.
class Walk {
 public:
  explicit Walk(const Tensors& inputs) : inputs_(inputs.begin(), inputs.end()) {}

  void from(const Tensor& output) {
    visit(output);
    while (!stack_.empty()) {
      Frame& frame = stack_.back();
      if (frame.next < frame.node->inputs.size()) {
        visit(frame.node->inputs[frame.next++]);
      } else {
        finished_.push_back(frame.node);
        stack_.pop_back();
      }
    }
  }

  const std::vector<NodePtr>& entered() const { return entered_; }
  const std::vector<NodePtr>& finished() const { return finished_; }  // inputs before users

 private:
  struct Frame {
    NodePtr node;
    std::size_t next = 0;
  };

  void visit(const Tensor& tensor) {
    const bool begins_here = inputs_.contains(tensor);
    const LayerCallOp& call = layer_call(tensor);
    if (tensor.node().inputs.empty() && !begins_here) {
      throw InvalidArgument(fmt::format(
          "[Model] the outputs depend on '{}', which is not among the inputs: add it to them",
          call.layer->name()));
    }
    if (!seen_.insert(&tensor.node()).second) return;
    entered_.push_back(tensor.node_ptr());
    stack_.push_back({tensor.node_ptr(), begins_here ? tensor.node().inputs.size() : 0});
  }

  std::set<Tensor> inputs_;
  std::set<const Node*> seen_;
  std::vector<Frame> stack_;
  std::vector<NodePtr> entered_, finished_;
};

Walk walk_from(const Tensors& outputs, const Tensors& inputs) {
  Walk walk(inputs);
  for (const Tensor& output : outputs) walk.from(output);
  return walk;
}

bool is_input(const Tensor& tensor) {
  layer_call(tensor);
  return tensor.node().inputs.empty();
}

// A model may begin in the middle of another: the calls after that point are repeated on Input()s.
void begin_with_inputs(Tensors& inputs, Tensors& outputs) {
  if (std::ranges::all_of(inputs, is_input)) return;
  std::map<Tensor, Tensor> repeated;
  for (const Tensor& input : inputs) {
    const Shape& shape = input.shape();
    repeated[input] = is_input(input) ? input : layers::Input(shape.slice(1, shape.rank()));
  }
  const auto repeat = [&](const Tensor& tensor) { return repeated.at(tensor); };
  const Walk walk = walk_from(outputs, inputs);
  for (const NodePtr& node : walk.finished()) {
    if (repeated.contains(Tensor(node, 0))) continue;
    Tensors arguments(node->inputs.size());
    std::ranges::transform(node->inputs, arguments.begin(), repeat);
    const Tensors results = add_node(node->op, arguments);
    for (const Tensor& result : results) repeated[Tensor(node, result.index())] = result;
  }
  std::ranges::transform(outputs, outputs.begin(), repeat);
  std::ranges::transform(inputs, inputs.begin(), repeat);
}

void check_names(const std::vector<std::shared_ptr<Layer>>& layers) {
  std::set<std::string> names;
  for (const auto& layer : layers) {
    if (names.insert(layer->name()).second) continue;
    throw InvalidArgument(fmt::format(
        "[Model] all layers must have unique names, received two called '{}'", layer->name()));
  }
}

}  // namespace

FunctionalGraph::FunctionalGraph(Tensors inputs, Tensors outputs)
    : inputs_(std::move(inputs)), outputs_(std::move(outputs)) {
  if (inputs_.empty() || outputs_.empty()) {
    throw InvalidArgument("[Model] expected at least one input and one output");
  }
  begin_with_inputs(inputs_, outputs_);
  const Walk walk = walk_from(outputs_, inputs_);
  nodes_ = walk.finished();
  std::vector<NodePtr> met;
  for (const Tensor& input : inputs_) {
    if (std::ranges::find(nodes_, input.node_ptr()) == nodes_.end())
      met.push_back(input.node_ptr());
  }
  met.insert(met.end(), walk.entered().begin(), walk.entered().end());
  order_layers(met);
  check_names(layers_);
  nodes_ = std::move(met);
  std::ranges::sort(nodes_, {}, [](const NodePtr& node) { return node->id; });
}

void FunctionalGraph::order_layers(const std::vector<NodePtr>& met) {
  std::map<const Node*, int> node_depth;
  std::map<const void*, int> layer_depth;
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    int& depth = layer_depth[layer_of(**node).id()];
    depth = std::max(depth, node_depth[node->get()]);
    for (const Tensor& input : (*node)->inputs) {
      int& below = node_depth[&input.node()];
      below = std::max(below, depth + 1);
    }
  }
  std::set<const void*> listed;
  for (const NodePtr& node : met) {
    const auto& layer = op_cast<LayerCallOp>(*node)->layer;
    if (listed.insert(layer->id()).second) layers_.push_back(layer);
  }
  std::ranges::stable_sort(layers_, std::greater<>(),
                           [&](const auto& layer) { return layer_depth[layer->id()]; });
}

std::vector<NodePtr> FunctionalGraph::calls(const Layer& layer) const {
  std::vector<NodePtr> result;
  for (const NodePtr& node : nodes_) {
    if (layer_of(*node).id() == layer.id()) result.push_back(node);
  }
  return result;
}

std::map<const Node*, int> FunctionalGraph::call_numbers() const {
  std::map<const Node*, int> numbers;
  std::map<const void*, int> counts;  // by layer
  for (const NodePtr& node : nodes_) numbers[node.get()] = counts[layer_of(*node).id()]++;
  return numbers;
}

bool FunctionalGraph::is_chain() const {
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const Tensors& on = nodes_[i]->inputs;
    if (on.size() != 1 || on[0].node_ptr() != nodes_[i - 1]) return false;
  }
  return nodes_.size() == layers_.size();
}

Tensors FunctionalGraph::run(const Tensors& inputs, const CallContext& context) const {
  std::map<Tensor, Tensor> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) values[inputs_[i]] = inputs[i];
  for (const NodePtr& node : nodes_) {
    if (values.contains(Tensor(node, 0))) continue;
    Tensors arguments;
    for (const Tensor& input : node->inputs) arguments.push_back(values.at(input));
    const Tensors results = op_cast<LayerCallOp>(*node)->layer->apply(arguments, context);
    for (int i = 0; i < static_cast<int>(results.size()); ++i) {
      values[Tensor(node, i)] = results[static_cast<std::size_t>(i)];
    }
  }
  Tensors outputs;
  for (const Tensor& output : outputs_) outputs.push_back(values.at(output));
  return outputs;
}

}  // namespace banach
