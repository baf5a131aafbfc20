#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/io/plot_model.hpp>
#include <banach/models/functional.hpp>
#include <banach/plot/diagram.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace banach {
namespace {

std::vector<NodePtr> calls_of(const FunctionalGraph& graph) {
  std::vector<NodePtr> calls;
  for (const auto& layer : graph.layers()) {
    const std::vector<NodePtr> own = graph.calls(*layer);
    calls.insert(calls.end(), own.begin(), own.end());
  }
  std::ranges::sort(calls, {}, [](const NodePtr& node) { return node->id; });
  return calls;
}

// "selu"; "" for a layer that has none. A function of your own has no config, but is one.
std::string activation_of(const Layer& layer) {
  Json config;
  try {
    config = layer.get_config();
  } catch (const NotSupported&) {
    return "custom";
  }
  const Json* activation = config.find("activation");
  if (activation == nullptr) return "";
  return activation->is_string() ? activation->as_string()
                                 : activation->at("class_name").as_string();
}

std::string shapes(const std::vector<TensorSpec>& specs) {
  std::vector<std::string> texts;
  for (const TensorSpec& spec : specs) texts.push_back(spec.shape.str());
  return join(texts);
}

std::vector<std::string> lines_of(const Node& call, const PlotModelOptions& options) {
  const LayerCallOp& op = *op_cast<LayerCallOp>(call);
  const Layer& layer = *op.layer;
  std::vector<std::string> lines = {layer.class_name()};
  const std::string activation = options.show_layer_activations ? activation_of(layer) : "";
  if (!activation.empty()) lines.front() += ", " + activation;
  if (options.show_layer_names) lines.push_back(layer.name());
  if (options.show_shapes) {
    std::vector<TensorSpec> inputs;
    for (const Tensor& input : call.inputs) inputs.push_back(input.spec());
    lines.push_back(inputs.empty() ? shapes(op.outputs)
                                   : shapes(inputs) + " → " + shapes(op.outputs));
  }
  if (options.show_dtype) lines.emplace_back(name_of(layer.compute_dtype()));
  if (options.show_trainable) lines.push_back(layer.trainable() ? "trainable" : "frozen");
  return lines;
}

}  // namespace

plot::Figure utils::plot_model(const Model& model, const PlotModelOptions& options) {
  const auto graph = model.graph();
  if (graph == nullptr) {
    throw RuntimeError(fmt::format(
        "[plot_model] '{}' has no graph of layers: build it first, by input_shape or a call, and "
        "make a class with a call() of its own a functional model",
        model.name()));
  }
  std::vector<plot::Box> boxes;
  std::map<const Node*, std::size_t> numbers;
  for (const NodePtr& call : calls_of(*graph)) {
    plot::Box box{lines_of(*call, options)};
    for (const Tensor& input : call->inputs) box.inputs.push_back(numbers.at(&input.node()));
    numbers[call.get()] = boxes.size();
    boxes.push_back(std::move(box));
  }
  return plot::draw_diagram(boxes);
}

}  // namespace banach
