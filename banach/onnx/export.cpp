#include <banach/core/errors.hpp>
#include <banach/formats/file.hpp>
#include <banach/onnx/export.hpp>
#include <banach/onnx/rows.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::onnx {
namespace {

void check_opset(int opset) {
  constexpr int kOldest = 13, kNewest = 17;
  if (opset >= kOldest && opset <= kNewest) return;
  throw InvalidArgument(
      fmt::format("[onnx] opset must be from {} to {}, received {}", kOldest, kNewest, opset));
}

std::vector<Shape> input_shapes_of(const Model& model, const ExportOptions& options) {
  const std::vector<Shape> known = model.input_shapes();
  const std::vector<Shape>& shapes = options.input_shapes.empty() ? known : options.input_shapes;
  if (shapes.empty()) {
    throw InvalidArgument(
        fmt::format("[{}] the model does not know the shapes of its inputs: give "
                    "them in .input_shapes, with None for the batch",
                    model.name()));
  }
  if (!known.empty() && known.size() != shapes.size()) {
    throw InvalidArgument(fmt::format("[{}] expected {} input_shapes, received {}", model.name(),
                                      known.size(), shapes.size()));
  }
  return shapes;
}

// In simpler ops what ONNX has no form of.
Tape lower_for(const Tape& tape, int opset) {
  bool changed = false;
  const Tape result = rewrite(tape, [&](const Node& node, const Tensors& inputs) -> Tensors {
    const std::string name = node.op->name();
    if (name == "input" || find_row(name, opset) != nullptr) return {};
    const Tensors outputs = node.op->lower(inputs);
    changed |= !outputs.empty();
    return outputs;
  });
  return changed ? lower_for(result, opset) : tape;
}

// Input or output `position` among several, when the model has no names for so many.
std::string name_at(const std::vector<std::string>& names, std::size_t position,
                    std::size_t count) {
  return names.size() == count ? names[position] : fmt::format("{}_{}", names[0], position);
}

ValueDim dim_of(const Traces& traces, const Sizes& sizes) {
  if (is_fixed(sizes)) return {sizes.front()};
  const auto symbol = std::ranges::find(traces.symbols(), sizes, &Symbol::sizes);
  return symbol == traces.symbols().end() ? ValueDim{kUnknown} : ValueDim{kUnknown, symbol->name};
}

void write_inputs(const Model& model, ExportState& state) {
  const Tensors& inputs = state.traces.tape().inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::vector<ValueDim> dims;
    for (int axis = 0; axis < inputs[i].rank(); ++axis) {
      dims.push_back(dim_of(state.traces, state.traces.input_sizes(i, axis)));
    }
    const std::string name = name_at(model.input_names(), i, inputs.size());
    state.graph.add_input(name, inputs[i].dtype(), dims);
    state.values[inputs[i]].natural = name;
  }
}

void write_nodes(ExportState& state) {
  for (std::size_t i = 0; i < state.traces.nodes().size(); ++i) {
    const Tensor result(state.traces.nodes()[i].front(), 0);
    if (!is_weight(result)) NodeWriter(state, i).write();
  }
}

void write_outputs(const Model& model, ExportState& state) {
  const Tensors& outputs = state.traces.tape().outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    std::vector<ValueDim> dims;
    for (int axis = 0; axis < outputs[i].rank(); ++axis) {
      dims.push_back(dim_of(state.traces, state.traces.output_sizes(i, axis)));
    }
    NodeWriter writer(state, state.positions.at(&outputs[i].node()));
    state.graph.add_output(writer.natural(outputs[i]),
                           name_at(model.output_names(), i, outputs.size()), outputs[i].dtype(),
                           dims);
  }
}

}  // namespace

std::string export_model(Model& model, const ExportOptions& options) {
  check_opset(options.opset);
  const Traces traces(model, input_shapes_of(model, options),
                      [&](const Tape& tape) { return lower_for(tape, options.opset); });
  GraphWriter graph(model.name(), options);
  ExportState state(traces, graph, options.opset);
  write_inputs(model, state);
  write_nodes(state);
  write_outputs(model, state);
  return graph.finish();
}

void export_model(Model& model, const std::string& path, const ExportOptions& options) {
  formats::write_file_atomic(path, formats::as_bytes(export_model(model, options)));
}

}  // namespace banach::onnx
