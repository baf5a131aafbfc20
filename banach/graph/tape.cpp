#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace banach {
namespace {

Tape*& current_tape() {
  thread_local Tape* tape = nullptr;
  return tape;
}

std::vector<Tensor> roots_of(const Tape& tape) {
  std::vector<Tensor> roots = tape.outputs;
  for (const Assign& assign : tape.assigns) roots.push_back(assign.value);
  return roots;
}

}  // namespace

Tape::Scope::Scope(Tape& tape) : previous_(current_tape()) { current_tape() = &tape; }
Tape::Scope::~Scope() { current_tape() = previous_; }
Tape* Tape::current() { return current_tape(); }

Tensor Tape::input(const std::string& name, const Shape& shape, DType dtype) {
  inputs.push_back(make_node<InputOp>({}, name, TensorSpec{shape, dtype}));
  return inputs.back();
}

Tensor Tape::read(const Variable& variable) {
  Tensor& value = values_[variable.id()];
  if (!value) value = make_node<VariableOp>({}, variable);
  const std::optional<DType> dtype = AutocastScope::current();
  if (!dtype || *dtype == value.dtype() || !is_floating(value.dtype())) return value;
  Tensor& converted = casts_[{value, *dtype}];
  if (!converted) converted = cast(value, *dtype);
  return converted;
}

void Tape::assign(const Variable& variable, const Tensor& new_value) {
  const bool floating = is_floating(new_value.dtype()) && is_floating(variable.dtype());
  const Tensor value = floating ? cast(new_value, variable.dtype()) : new_value;
  if (value.shape() != variable.shape() || value.dtype() != variable.dtype()) {
    throw InvalidArgument(fmt::format("{}variable '{}' holds {} of {}, received {} of {}",
                                      NameScope::tag(), variable.name(), variable.shape().str(),
                                      name_of(variable.dtype()), value.shape().str(),
                                      name_of(value.dtype())));
  }
  values_[variable.id()] = value;
  const auto same = [&](const Assign& assign) { return assign.variable == variable; };
  std::erase_if(assigns, same);
  assigns.push_back({variable, value});
}

Tensor Tape::random_step() {
  if (random_step_.is_initialized()) return read(random_step_);
  return constant(Array({}, int64));
}

std::vector<NodePtr> Tape::schedule() const {
  std::vector<NodePtr> nodes;
  std::unordered_set<const Node*> seen;
  const auto visit = [&](const Tensor& tensor) {
    if (seen.insert(&tensor.node()).second) nodes.push_back(tensor.node_ptr());
  };
  for (const Tensor& root : roots_of(*this)) visit(root);
  for (const Tensor& input : inputs) visit(input);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodePtr node = nodes[i];
    for (const Tensor& input : node->inputs) visit(input);
  }
  std::ranges::sort(nodes, {}, [](const NodePtr& node) { return node->id; });
  return nodes;
}

std::string Tape::dump() const {
  std::string text;
  for (const NodePtr& node : schedule()) {
    std::string shapes;
    for (const TensorSpec& spec : node->outputs) shapes += " " + spec.shape.str();
    text += fmt::format("{:24} {:32} {}{}\n", node->op->name(), node->op->attributes(), node->scope,
                        shapes);
  }
  return text;
}

Tensor constant(const Array& value) { return make_node<ConstantOp>({}, value); }

Tensor constant(double value, DType dtype) { return constant(Array::full({}, value, dtype)); }

std::map<Tensor, int> count_uses(const Tape& tape) {
  std::map<Tensor, int> uses;
  for (const NodePtr& node : tape.schedule()) {
    for (const Tensor& input : node->inputs) ++uses[input];
  }
  for (const Tensor& output : tape.outputs) ++uses[output];
  for (const Assign& assign : tape.assigns) ++uses[assign.value];
  return uses;
}

Tape rewrite(const Tape& tape, const Replace& replace) {
  std::unordered_map<const Node*, Tensors> rebuilt;
  const auto map = [&](const Tensor& tensor) {
    return tensor ? rebuilt.at(&tensor.node())[static_cast<std::size_t>(tensor.index())] : tensor;
  };
  for (const NodePtr& node : tape.schedule()) {
    Tensors inputs;
    for (const Tensor& input : node->inputs) inputs.push_back(map(input));
    const NameScope scope = NameScope::exact(node->scope);
    Tensors outputs = replace(*node, inputs);
    if (outputs.empty()) outputs = add_node(node->op, std::move(inputs));
    rebuilt.emplace(node.get(), std::move(outputs));
  }
  Tape result;
  for (const Tensor& input : tape.inputs) result.inputs.push_back(map(input));
  for (const Tensor& output : tape.outputs) result.outputs.push_back(map(output));
  for (const Assign& assign : tape.assigns) {
    result.assigns.push_back({assign.variable, map(assign.value)});
  }
  return result;
}

}  // namespace banach
