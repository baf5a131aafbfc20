#include <banach/models/functional.hpp>
#include <banach/models/layer_calls.hpp>
#include <banach/models/sequential.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace banach {
namespace {

using Outputs = std::vector<CallOutput>;

bool can_look_inside(const Model& model) {
  return model.graph() != nullptr || dynamic_cast<const Sequential*>(&model) != nullptr;
}

class Expansion {
 public:
  LayerCalls run(const Model& model) {
    Outputs inputs;
    if (const auto graph = model.graph()) {
      for (const Tensor& input : graph->inputs()) {
        const LayerCallOp& call = layer_call(input);
        inputs.push_back(add(call.layer, "", {}, call.outputs.front().shape).front());
        result_.inputs.push_back(inputs.back().call);
      }
    }
    expand(model, "", inputs);
    return std::move(result_);
  }

 private:
  Outputs expand(const Model& model, const std::string& prefix, const Outputs& inputs) {
    const auto graph = model.graph();
    return graph ? expand_graph(*graph, prefix, inputs) : expand_stack(model, prefix, inputs);
  }

  Outputs expand_graph(const FunctionalGraph& graph, const std::string& prefix,
                       const Outputs& inputs) {
    std::map<Tensor, CallOutput> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) values[graph.inputs()[i]] = inputs[i];
    for (const NodePtr& node : graph.nodes()) {
      if (values.contains(Tensor(node, 0))) continue;
      Outputs arguments;
      for (const Tensor& input : node->inputs) arguments.push_back(values.at(input));
      const auto& layer = op_cast<LayerCallOp>(*node)->layer;
      const Outputs results =
          call(layer, prefix, arguments, node->outputs.front().shape, node->outputs.size());
      for (std::size_t i = 0; i < results.size(); ++i) {
        values[Tensor(node, static_cast<int>(i))] = results[i];
      }
    }
    Outputs outputs;
    for (const Tensor& output : graph.outputs()) outputs.push_back(values.at(output));
    return outputs;
  }

  Outputs expand_stack(const Model& model, const std::string& prefix, Outputs values) {
    for (const auto& layer : model.layers()) values = call(layer, prefix, values, {}, 1);
    return values;
  }

  Outputs call(const std::shared_ptr<Layer>& layer, const std::string& prefix,
               const Outputs& inputs, const std::optional<Shape>& shape, std::size_t outputs) {
    const auto* model = dynamic_cast<const Model*>(layer.get());
    if (model != nullptr && can_look_inside(*model)) {
      return expand(*model, prefix + layer->name() + "/", inputs);
    }
    return add(layer, prefix, inputs, shape, outputs);
  }

  Outputs add(const std::shared_ptr<Layer>& layer, const std::string& prefix, const Outputs& inputs,
              const std::optional<Shape>& shape, std::size_t outputs = 1) {
    const int number = ++times_called_[layer->id()];
    const std::string suffix = number > 1 ? fmt::format("#{}", number) : "";
    const int position = static_cast<int>(result_.calls.size());
    const std::string path = prefix + layer->name();
    result_.calls.push_back({layer, path, path + suffix, inputs, shape});
    Outputs results;
    for (std::size_t i = 0; i < outputs; ++i) results.push_back({position, static_cast<int>(i)});
    return results;
  }

  LayerCalls result_;
  std::map<const void*, int> times_called_;
};

}  // namespace

bool LayerCalls::is_input(std::size_t call) const {
  return std::ranges::find(inputs, static_cast<int>(call)) != inputs.end();
}

LayerCalls layer_calls(const Model& model) { return Expansion().run(model); }

}  // namespace banach
