#include <banach/ops/matmul.hpp>
#include <banach/ops/matmul_update.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/layout.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace banach {
namespace {

// What the inputs of an update node are: scalars, then n gradients, n weights and n of each slot.
struct UpdateInputs {
  std::size_t scalars = 0, groups = 0, n = 0;  // groups: the weights and each slot

  const Tensor& gradient(const Node& node, std::size_t i) const { return node.inputs[scalars + i]; }
  const Tensor& rewritten(const Node& node, std::size_t group, std::size_t i) const {
    return node.inputs[scalars + (1 + group) * n + i];
  }
};

// Of an update that may be fused: gradients that have a scale were looked at before, as a whole.
std::optional<UpdateInputs> update_inputs(const Node& node) {
  std::optional<UpdateInputs> found;
  functions::for_each<rules::All>([&]<class Rule>() {
    const auto* op = op_cast<UpdateOp<Rule>>(node);
    if (op == nullptr || op->scaled) return;
    constexpr std::size_t kGroups = 1 + Rule::kSlots;
    found = {Rule::kScalars, kGroups, node.outputs.size() / kGroups};
  });
  return found;
}

const Variable* variable_of(const Tensor& x) {
  const auto* read = op_cast<VariableOp>(root_of(x).node());
  return read == nullptr ? nullptr : &read->variable;
}

// A product that only the update of weight `i` takes, and the node after which nobody but that
// update reads the weight.
struct Pair {
  const Node* product = nullptr;
  const Node* after = nullptr;
  const Node* update = nullptr;
  UpdateInputs inputs;
  std::size_t i = 0;
};

class UpdateFuser {
 public:
  UpdateFuser(const Tape& tape, const Backend& backend) : backend_(backend) {
    const auto uses = count_uses(tape);
    for (const NodePtr& node : tape.schedule()) {
      const auto inputs = update_inputs(*node);
      for (std::size_t i = 0; inputs && i < inputs->n; ++i) {
        const Tensor& gradient = inputs->gradient(*node, i);
        if (uses.at(gradient) == 1) add_pair({&gradient.node(), nullptr, node.get(), *inputs, i});
      }
      for (const Tensor& input : node->inputs) {
        if (const Variable* read = variable_of(input)) last_reader_[read->id()] = node.get();
      }
      order_[node.get()] = order_.size();
    }
  }

  Tensors operator()(const Node& node, const Tensors& inputs) {
    if (!made_.contains(&node)) {
      const auto rest = fused_.find(&node);
      made_[&node] = rest == fused_.end() ? add_node(node.op, inputs)
                                          : update_rest(node, inputs, rest->second);
    }
    const auto [first, last] = pairs_.equal_range(&node);
    for (auto pair = first; pair != last; ++pair) fuse(pair->second);
    return made_.at(&node);
  }

 private:
  using Outputs = std::map<std::size_t, Tensors>;  // of each weight that is updated beside

  void add_pair(Pair pair) {
    const auto* matmul = op_cast<MatmulOp>(*pair.product);
    const Variable* weight = variable_of(pair.inputs.rewritten(*pair.update, 0, pair.i));
    if (matmul == nullptr || !matmul->epilogue.is_empty() || weight == nullptr) return;
    // a factor that is a variable may be rewritten before the update, or by it
    if (std::ranges::any_of(pair.product->inputs, variable_of)) return;
    pair.after = pair.product;
    const auto reader = last_reader_.find(weight->id());
    if (reader != last_reader_.end() && order_.at(reader->second) > order_.at(pair.after)) {
      pair.after = reader->second;
    }
    pairs_.emplace(pair.after, pair);
  }

  // The value in the new tape; what it needs is made now where its turn has not come.
  Tensor take(const Tensor& tensor) {
    const auto made = made_.find(&tensor.node());
    if (made != made_.end()) return made->second[static_cast<std::size_t>(tensor.index())];
    Tensors inputs;
    for (const Tensor& input : tensor.node().inputs) inputs.push_back(take(input));
    const NameScope scope = NameScope::exact(tensor.node().scope);
    Tensors& outputs = made_[&tensor.node()] = add_node(tensor.node().op, inputs);
    return outputs[static_cast<std::size_t>(tensor.index())];
  }

  void fuse(const Pair& pair) {
    const auto& matmul = *op_cast<MatmulOp>(*pair.product);
    const auto op = std::make_shared<MatmulUpdateOp>(pair.update->op, pair.inputs.scalars,
                                                     matmul.transpose_a, matmul.transpose_b);
    Tensors inputs;
    for (std::size_t k = 0; k < pair.inputs.scalars; ++k) {
      inputs.push_back(take(pair.update->inputs[k]));
    }
    for (const Tensor& factor : pair.product->inputs) inputs.push_back(take(factor));
    for (std::size_t group = 0; group < pair.inputs.groups; ++group) {
      inputs.push_back(take(pair.inputs.rewritten(*pair.update, group, pair.i)));
    }
    const NameScope scope = NameScope::exact(pair.product->scope);
    Tensors outputs = add_node(op, inputs);
    if (backend_.find(outputs[0].node()) == nullptr) return;
    fused_[pair.update].emplace(pair.i, std::move(outputs));
  }

  // The update of the other weights, and all outputs in their order.
  Tensors update_rest(const Node& node, const Tensors& inputs, const Outputs& beside) {
    const UpdateInputs in = *update_inputs(node);
    Tensors rest(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(in.scalars));
    for (std::size_t k = in.scalars; k < inputs.size(); ++k) {
      if (!beside.contains((k - in.scalars) % in.n)) rest.push_back(inputs[k]);
    }
    Tensors updated, outputs;
    if (rest.size() > in.scalars) updated = add_node(node.op, rest);
    auto next = updated.begin();
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
      const auto found = beside.find(k % in.n);
      outputs.push_back(found == beside.end() ? *next++ : found->second[k / in.n]);
    }
    return outputs;
  }

  const Backend& backend_;
  std::map<const Node*, std::size_t> order_;
  std::map<const void*, const Node*> last_reader_;  // by variable
  std::multimap<const Node*, Pair> pairs_;          // by the node after which they are fused
  std::map<const Node*, Tensors> made_;
  std::map<const Node*, Outputs> fused_;  // by update
};

}  // namespace

Tape fuse_updates(const Tape& tape, const Backend& backend) {
  UpdateFuser fuser(tape, backend);
  return rewrite(tape,
                 [&](const Node& node, const Tensors& inputs) { return fuser(node, inputs); });
}

}  // namespace banach
