#include <banach/core/errors.hpp>
#include <banach/graph/cast.hpp>
#include <banach/onnx/node_writer.hpp>
#include <banach/onnx/rows.hpp>
#include <banach/ops/shape.hpp>

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace banach::onnx {
namespace {

// Past casts and copies that change nothing in ONNX.
Tensor resolve(Tensor tensor) {
  const auto changes_nothing = [](const Tensor& t) {
    if (op_cast<CopyOp>(t.node())) return true;
    return op_cast<CastOp>(t.node()) && is_same_type(t.dtype(), t.node().inputs[0].dtype());
  };
  while (changes_nothing(tensor)) tensor = tensor.node().inputs[0];
  return tensor;
}

// (height, width, channels, filters) -> (filters, channels, height, width).
Array filters_first(const Array& kernel) {
  const Shape& from = kernel.shape();
  const std::int64_t pixels = from[0] * from[1], channels = from[2], filters = from[3];
  const std::size_t bytes = size_of(kernel.dtype());
  Array result({filters, channels, from[0], from[1]}, kernel.dtype());
  const auto* source = static_cast<const std::byte*>(kernel.raw());
  auto* target = static_cast<std::byte*>(result.mutable_raw());
  for (std::int64_t filter = 0; filter < filters; ++filter) {
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
        const std::int64_t at = (pixel * channels + channel) * filters + filter;
        std::memcpy(target, source + static_cast<std::size_t>(at) * bytes, bytes);
        target += bytes;
      }
    }
  }
  return result;
}

// The variable whose elements these are; null where there is none.
const VariableOp* stored_variable(Tensor tensor) {
  tensor = resolve(tensor);
  while (op_cast<ReshapeOp>(tensor.node())) tensor = resolve(tensor.node().inputs[0]);
  return op_cast<VariableOp>(tensor.node());
}

Sizes sizes_of(const TracedNode& nodes, std::size_t input, int axis) {
  Sizes sizes;
  for (const NodePtr& node : nodes) sizes.push_back(node->inputs[input].dim(axis));
  return sizes;
}

const std::vector<std::int64_t> kToChannelsFirst = {0, 3, 1, 2}, kToNatural = {0, 2, 3, 1};
const std::vector<std::int64_t> kFiltersFirst = {3, 2, 0, 1};

}  // namespace

bool is_weight(const Tensor& tensor) { return stored_variable(tensor) != nullptr; }

ExportState::ExportState(const Traces& traces, GraphWriter& graph, int opset)
    : traces(traces), graph(graph), opset(opset) {
  for (std::size_t i = 0; i < traces.nodes().size(); ++i) {
    const NodePtr& node = traces.nodes()[i].front();
    positions[node.get()] = i;
    for (const Tensor& input : node->inputs) users[input].push_back(i);
  }
  for (const Tensor& output : traces.tape().outputs) users[output].push_back(positions.size());
}

Sizes NodeWriter::input_sizes(int axis, std::size_t input) const {
  return sizes_of(traced(), input, axis);
}

Sizes NodeWriter::output_sizes(int axis) const {
  Sizes sizes;
  for (const NodePtr& traced_node : traced()) sizes.push_back(traced_node->outputs[0].shape[axis]);
  return sizes;
}

void NodeWriter::fail(const std::string& why) const {
  throw NotSupported(fmt::format("[{}] the op '{}' {}", node().scope, node().op->name(), why));
}

void NodeWriter::write() {
  const Tensor result(traced().front(), 0);
  if (resolve(result) != result || state_.values.contains(result)) return;
  const Row* row = find_row(node().op->name(), state_.opset);
  if (row == nullptr) fail("has no ONNX form");
  for (const NodePtr& other : traced()) {
    if (row->sized || other->op->attributes() == node().op->attributes()) continue;
    fail("has other attributes for other batch sizes, which ONNX cannot say");
  }
  row->write(*this, *row);
}

std::string NodeWriter::in_scope(const std::string& name) const {
  return node().scope.empty() ? name : node().scope + "/" + name;
}

std::string NodeWriter::add(const std::string& op_type, const Names& inputs,
                            const Attributes& attributes) {
  return state_.graph.add_node(in_scope(op_type), op_type, inputs, attributes);
}

std::string NodeWriter::variable(const VariableOp& op) {
  return state_.graph.add_initializer(op.variable.name(), op.variable.value());
}

std::string NodeWriter::constant(const Array& value) {
  return state_.graph.add_initializer(in_scope("constant"), value);
}

std::string NodeWriter::numbers(const std::vector<std::int64_t>& values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  return constant(Array::from<std::int64_t>(values, shape));
}

std::string NodeWriter::natural(const Tensor& given) {
  const Tensor tensor = resolve(given);
  NodeWriter(state_, state_.positions.at(&tensor.node())).write();
  Value& value = state_.values[tensor];
  if (value.natural.empty() && value.channels_first.empty()) {
    fail(fmt::format("uses result {} of '{}', which has no ONNX form", tensor.index(),
                     tensor.op().name()));
  }
  if (value.natural.empty()) {
    value.natural = add("Transpose", {value.channels_first}, {{"perm", kToNatural}});
  }
  return value.natural;
}

std::string NodeWriter::channels_first(const Tensor& given) {
  const Tensor tensor = resolve(given);
  if (tensor.rank() == 0) return natural(tensor);
  const auto found = state_.values.find(tensor);
  if (found != state_.values.end() && !found->second.channels_first.empty()) {
    return found->second.channels_first;
  }
  const std::string name = natural(tensor);
  const std::string result = tensor.rank() == 1
                                 ? add("Unsqueeze", {name, numbers({1, 2})})
                                 : add("Transpose", {name}, {{"perm", kToChannelsFirst}});
  return state_.values[tensor].channels_first = result;
}

bool NodeWriter::is_channels_first(std::size_t i) const {
  const auto found = state_.values.find(resolve(node().inputs[i]));
  return found != state_.values.end() && found->second.natural.empty();
}

void NodeWriter::combine(const Combine& combine) {
  bool first = false, all = true;
  for (std::size_t i = 0; i < node().inputs.size(); ++i) {
    const int rank = node().inputs[i].rank();
    first |= is_channels_first(i);
    all &= rank == 4 || rank < 2;  // of the channels, or one number
  }
  first &= all;
  Names names;
  for (std::size_t i = 0; i < node().inputs.size(); ++i) {
    names.push_back(first ? channels_first_input(i) : input(i));
  }
  const std::string result = combine(names, first);
  first ? output_channels_first(result) : output(result);
}

NodePtr NodeWriter::only_user() const {
  const auto& users = state_.users[Tensor(traced().front(), 0)];
  const auto& nodes = state_.traces.nodes();
  return users.size() == 1 && users[0] < nodes.size() ? nodes[users[0]].front() : nullptr;
}

void NodeWriter::output_of_user(const std::string& name) {
  state_.values[Tensor(only_user(), 0)].channels_first = name;
}

std::string NodeWriter::kernel(std::size_t i) {
  const Tensor tensor = resolve(node().inputs[i]);
  std::string& name = state_.kernels[tensor];
  if (!name.empty()) return name;
  if (const VariableOp* stored = stored_variable(tensor)) {
    const Array value = stored->variable.value().reshape(tensor.shape());
    return name = state_.graph.add_initializer(stored->variable.name(), filters_first(value));
  }
  return name = add("Transpose", {natural(tensor)}, {{"perm", kFiltersFirst}});
}

std::string NodeWriter::symbol_size(std::size_t index) {
  std::string& name = state_.symbol_sizes[index];
  if (!name.empty()) return name;
  const Symbol& symbol = state_.traces.symbols()[index];
  const std::string shape = add("Shape", {natural(state_.traces.tape().inputs[symbol.input])});
  return name = add("Gather", {shape, numbers({symbol.axis})});
}

bool NodeWriter::can_compute(const Sizes& sizes) const {
  return state_.traces.solve(sizes).has_value();
}

// As a tensor (1,).
std::string NodeWriter::size(const Sizes& sizes) {
  if (is_fixed(sizes)) return numbers({sizes.front()});
  const std::optional<AffineSize> affine = state_.traces.solve(sizes);
  if (!affine) fail("has a size that ONNX cannot compute from the batch size");
  std::string sum;
  const auto add_up = [&](const std::string& term) {
    sum = sum.empty() ? term : add("Add", {sum, term});
  };
  for (std::size_t i = 0; i < affine->coefficients.size(); ++i) {
    const std::int64_t factor = affine->coefficients[i];
    if (factor == 1) add_up(symbol_size(i));
    if (factor != 0 && factor != 1) add_up(add("Mul", {symbol_size(i), numbers({factor})}));
  }
  if (affine->constant != 0) add_up(numbers({affine->constant}));
  return sum;
}

std::string NodeWriter::sizes(const std::vector<Sizes>& list) {
  if (std::ranges::all_of(list, is_fixed)) {
    std::vector<std::int64_t> fixed;
    for (const Sizes& sizes : list) fixed.push_back(sizes.front());
    return numbers(fixed);
  }
  Names parts;
  for (const Sizes& sizes : list) parts.push_back(size(sizes));
  return parts.size() == 1 ? parts[0] : add("Concat", parts, {{"axis", 0}});
}

}  // namespace banach::onnx
