#include <banach/core/errors.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/softmax.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/layout.hpp>

#include <fmt/format.h>
#include <map>
#include <set>

namespace banach {
namespace {

const Epilogue* epilogue_of(const Tensor& x) {
  if (const auto* matmul = op_cast<MatmulOp>(x.node())) return &matmul->epilogue;
  if (const auto* conv = op_cast<Conv2DOp>(x.node())) return &conv->epilogue;
  return nullptr;
}

// The node of x again with another epilogue and one more input, when there is one.
Tensors with_epilogue(const Tensor& x, Epilogue epilogue, const Tensor& extra_input) {
  Tensors inputs = x.node().inputs;
  if (extra_input) inputs.push_back(extra_input);
  const NameScope scope = NameScope::exact(x.node().scope);
  if (const auto* m = op_cast<MatmulOp>(x.node())) {
    return {make_node<MatmulOp>(inputs, m->transpose_a, m->transpose_b, std::move(epilogue))};
  }
  const auto& conv = *op_cast<Conv2DOp>(x.node());
  return {make_node<Conv2DOp>(inputs, conv.window, conv.groups, std::move(epilogue))};
}

Tensors fuse_bias(const Node& node, const Tensors& inputs) {
  const bool is_add = op_cast<BinaryOp<functions::Add>>(node) != nullptr;
  if (!is_add || inputs[1].rank() != 1 || inputs[1].dim(0) != inputs[0].dim(-1)) return {};
  Epilogue epilogue = *epilogue_of(inputs[0]);
  if (!epilogue.is_empty()) return {};
  epilogue.bias = true;
  return with_epilogue(inputs[0], epilogue, inputs[1]);
}

Tensors fuse_activation(const Node& node, const Tensors& inputs) {
  Epilogue epilogue = *epilogue_of(inputs[0]);
  if (!epilogue.is_linear() || !is_epilogue_activation(node.op->name())) return {};
  Tensors fused;
  functions::for_each<functions::Unary>([&]<class F>() {
    if (const auto* unary = op_cast<UnaryOp<F>>(node)) {
      epilogue.activation = F::kName;
      epilogue.parameters = unary->parameters;
      fused = with_epilogue(inputs[0], epilogue, Tensor());
    }
  });
  return fused;
}

// SELU then AlphaDropout with the same constants, so that dropped values lie where SELU's limit
// does: the output alone tells the gradient.
Tensors fuse_alpha_dropout(const Node& node, const Tensors& inputs) {
  const auto* dropout = op_cast<DropoutOp>(node);
  Epilogue epilogue = *epilogue_of(inputs[0]);
  if (dropout == nullptr || epilogue.activation != "selu" || epilogue.alpha_dropout) return {};
  const DropoutParameters& p = dropout->parameters;
  const double limit = -epilogue.parameters.scale * epilogue.parameters.alpha;
  if (p.c != p.kept(limit) || p.rate <= 0 || p.rate >= 1) return {};
  if (dropout->noise_shape != inputs[0].shape()) return {};
  epilogue.alpha_dropout = p;
  return with_epilogue(inputs[0], epilogue, inputs[1]);
}

Tape fuse_epilogues(const Tape& tape) {
  const auto uses = count_uses(tape);
  return rewrite(tape, [&](const Node& node, const Tensors& inputs) -> Tensors {
    if (inputs.empty() || epilogue_of(inputs[0]) == nullptr) return {};
    if (uses.at(node.inputs[0]) != 1) return {};
    for (const auto& pattern : {fuse_bias, fuse_activation, fuse_alpha_dropout}) {
      if (Tensors fused = pattern(node, inputs); !fused.empty()) return fused;
    }
    return {};
  });
}

// Users of softmax(logits) that come after the crossentropy of the same logits take its
// probabilities; the softmax itself is then pruned.
Tape reuse_probabilities(const Tape& tape) {
  std::map<Tensor, Tensor> probabilities;  // rebuilt logits -> probabilities
  return rewrite(tape, [&](const Node& node, const Tensors& inputs) -> Tensors {
    Tensors replaced = inputs;
    bool changed = false;
    for (Tensor& input : replaced) {
      if (op_cast<SoftmaxOp>(input.node()) == nullptr) continue;
      const auto found = probabilities.find(input.node().inputs[0]);
      if (found == probabilities.end()) continue;
      input = found->second;
      changed = true;
    }
    const bool crossentropy = op_cast<SoftmaxCrossentropyOp>(node) != nullptr;
    if (!changed && !crossentropy) return {};
    Tensors outputs = add_node(node.op, replaced);
    if (crossentropy) probabilities.emplace(replaced[0], outputs[1]);
    return outputs;
  });
}

// The crossentropy whose targets and probabilities a match compares; null when there is none.
const SoftmaxCrossentropyOp* crossentropy_of(const Node& match, const Tensors& inputs) {
  const auto* op = op_cast<CategoricalMatchOp>(match);
  if (op == nullptr || inputs[1].index() != 1) return nullptr;
  const Node& node = inputs[1].node();
  const auto* crossentropy = op_cast<SoftmaxCrossentropyOp>(node);
  const bool same =
      crossentropy != nullptr && crossentropy->sparse == op->sparse && node.inputs[1] == inputs[0];
  return same ? crossentropy : nullptr;
}

// The accuracy of probabilities that a crossentropy makes is found in the same pass.
Tape fuse_matches(const Tape& tape) {
  std::set<const Node*> matched;
  for (const NodePtr& node : tape.schedule()) {
    if (crossentropy_of(*node, node->inputs)) matched.insert(&node->inputs[1].node());
  }
  return rewrite(tape, [&](const Node& node, const Tensors& inputs) -> Tensors {
    if (matched.contains(&node)) {
      const bool sparse = op_cast<SoftmaxCrossentropyOp>(node)->sparse;
      return add_node(std::make_shared<SoftmaxCrossentropyOp>(sparse, true), inputs);
    }
    const SoftmaxCrossentropyOp* crossentropy = crossentropy_of(node, inputs);
    if (crossentropy == nullptr || !crossentropy->matches) return {};
    return {Tensor(inputs[1].node_ptr(), 2)};
  });
}

// Of stored values, those that were dropped are the constant as it was stored.
std::shared_ptr<const Op> on_stored(const Node& node) {
  const auto* op = op_cast<EpilogueGradOp>(node);
  if (op == nullptr || !op->epilogue.alpha_dropout) return node.op;
  Epilogue epilogue = op->epilogue;
  double& c = epilogue.alpha_dropout->c;
  c = Array::full({}, c, node.inputs[1].dtype()).flat(0);
  return std::make_shared<EpilogueGradOp>(std::move(epilogue));
}

// The same op on float32 where the node computes in bfloat16 or float16, its results converted
// back; empty for a node without these.
Tensors widen(const Node& node, const Tensors& inputs) {
  Tensors wide = inputs;
  bool changed = false;
  for (Tensor& input : wide) {
    changed |= is_half(input.dtype());
    if (is_half(input.dtype())) input = cast(input, float32);
  }
  if (!changed) return {};
  Tensors outputs = add_node(on_stored(node), wide);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i] = cast(outputs[i], node.outputs[i].dtype);
  }
  return outputs;
}

Tensors lower_node(const Node& node, const Tensors& inputs) {
  if (Tensors outputs = widen(node, inputs); !outputs.empty()) return outputs;
  return node.op->lower(inputs);
}

}  // namespace

Tape fuse_casts(const Tape& tape) {
  const auto uses = count_uses(tape);
  return rewrite(tape, [&](const Node& node, const Tensors& inputs) -> Tensors {
    const auto* to = op_cast<CastOp>(node);
    if (to == nullptr || to->dtype != float32 || uses.at(node.inputs[0]) != 1) return {};
    const Node& product = inputs[0].node();
    const auto* matmul = op_cast<MatmulOp>(product);
    if (matmul == nullptr || !is_half(inputs[0].dtype())) return {};
    return {make_node<MatmulOp>(product.inputs, matmul->transpose_a, matmul->transpose_b,
                                matmul->epilogue, float32)};
  });
}

Tape fuse_epilogue_grads(const Tape& tape, const Backend& backend) {
  const auto uses = count_uses(tape);
  return rewrite(tape, [&](const Node& node, const Tensors& inputs) -> Tensors {
    const auto* op = op_cast<EpilogueGradOp>(node);
    if (op == nullptr) return {};
    Tensor dz = node.inputs[0];
    while (uses.at(dz) == 1 && dz.node().op->is_view()) dz = Tensor(dz.node().inputs[0]);
    const auto* matmul = op_cast<MatmulOp>(dz.node());
    if (matmul == nullptr || uses.at(dz) != 1 || !matmul->epilogue.is_empty()) return {};
    const Tensors& factors = root_of(inputs[0]).node().inputs;
    Tensors fused = add_node(std::make_shared<MatmulEpilogueGradOp>(
                                 matmul->transpose_a, matmul->transpose_b, op->epilogue),
                             {factors[0], factors[1], inputs[1]});
    return backend.find(fused[0].node()) == nullptr ? Tensors() : fused;
  });
}

Tape fuse(const Tape& tape) { return fuse_matches(reuse_probabilities(fuse_epilogues(tape))); }

Tape lower(const Tape& tape, const Backend& backend) {
  bool changed = false;
  Tape result = rewrite(tape, [&](const Node& node, const Tensors& inputs) -> Tensors {
    static const std::set<std::string> kNoKernel = {"input", "constant", "variable"};
    const std::string name = node.op->name();
    if (node.op->is_view() || kNoKernel.contains(name) || backend.find(node) != nullptr) return {};
    Tensors outputs = lower_node(node, inputs);
    if (outputs.empty()) {
      throw NotSupported(fmt::format("{}the backend '{}' has no kernel for the op '{}' on {}",
                                     NameScope::tag(), backend.name(), name,
                                     name_of(node.outputs[0].dtype)));
    }
    changed = true;
    return outputs;
  });
  return changed ? lower(result, backend) : result;
}

}  // namespace banach
