#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/models/functional.hpp>
#include <banach/models/runtime.hpp>
#include <banach/models/snn_check.hpp>
#include <banach/models/snn_moments.hpp>
#include <banach/models/summary.hpp>

#include <algorithm>
#include <cstdio>
#include <fmt/ranges.h>

namespace banach {
namespace {

using Names = std::vector<std::string>;

// The metrics that see no weights and those that do, of each output, by their names in the logs.
void add_metrics(const CompileOptions& options, const Names& outputs,
                 std::vector<MetricState>& states) {
  const auto metrics = options.metrics.of(outputs), weighted = options.weighted_metrics.of(outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string prefix = outputs.size() == 1 ? "" : outputs[i] + "_";
    for (const Metric& metric : metrics[i]) states.push_back({prefix + metric.name(), metric, {}});
    for (const Metric& metric : weighted[i]) {
      const bool taken = std::ranges::any_of(
          states, [&](const MetricState& state) { return state.name == prefix + metric.name(); });
      states.push_back({prefix + (taken ? "weighted_" : "") + metric.name(), metric, {}});
    }
  }
}

// "loss", with several outputs "<output>_loss" for each, then the metrics.
std::vector<MetricState> all_metrics(const CompileOptions& options, const Names& outputs) {
  std::vector<MetricState> states = {{"loss", {}, {}}};
  if (outputs.size() > 1) {
    for (const std::string& output : outputs) states.push_back({output + "_loss", {}, {}});
  }
  add_metrics(options, outputs, states);
  for (const MetricState& state : states) {
    if (std::ranges::count(states, state.name, &MetricState::name) > 1) {
      throw InvalidArgument("[compile] two metrics are called '" + state.name +
                            "': give one another name");
    }
  }
  return states;
}

Names layer_names(const Tensors& tensors) {
  Names names;
  for (const Tensor& tensor : tensors) names.push_back(layer_call(tensor).layer->name());
  return names;
}

std::vector<Shape> shapes_of(const Tensors& tensors) {
  std::vector<Shape> shapes;
  for (const Tensor& tensor : tensors) shapes.push_back(tensor.shape());
  return shapes;
}

ParameterCount count(const std::vector<Variable>& variables) {
  ParameterCount result;
  for (const Variable& variable : variables) {
    result.count += variable.size();
    result.bytes += variable.size() * static_cast<std::int64_t>(size_of(variable.dtype()));
  }
  return result;
}

// What theory expects of each layer in training, by its name; of a model inside, of its last layer.
std::map<std::string, std::string> expected_moments(const Model& model) {
  std::map<std::string, std::string> texts;
  const snn::detail::Network network = snn::detail::network_of(layer_calls(model));
  const auto expected = snn::detail::expected_moments(network, {.training = true});
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string& path = network.nodes[i].call.path;
    texts[path.substr(0, path.find('/'))] =
        expected[i] ? fmt::format("{:.3f}, {:.3f}", expected[i]->mean, expected[i]->variance) : "?";
  }
  return texts;
}

// "(None, 3)", or of several outputs "[(None, 3), (None, 2)]".
std::string shapes_text(const std::vector<TensorSpec>& specs) {
  if (specs.size() == 1) return specs.front().shape.str();
  Names shapes;
  for (const TensorSpec& spec : specs) shapes.push_back(spec.shape.str());
  return fmt::format("[{}]", fmt::join(shapes, ", "));
}

// "dense[1][0]": the first output of the layer's second call.
std::string connection_text(const Tensor& tensor, const std::map<const Node*, int>& call_numbers) {
  return fmt::format("{}[{}][{}]", layer_call(tensor).layer->name(),
                     call_numbers.at(&tensor.node()), tensor.index());
}

void describe_calls(const FunctionalGraph& graph, Summary& summary) {
  summary.connected = !graph.is_chain();
  const std::map<const Node*, int> call_numbers = graph.call_numbers();
  std::map<std::string, SummaryRow*> rows;
  for (SummaryRow& row : summary.rows) rows[row.name] = &row;
  for (const NodePtr& call : graph.nodes()) {
    const auto found = rows.find(layer_call(Tensor(call, 0)).layer->name());
    if (found == rows.end()) continue;  // the input of a Sequential has no row
    SummaryRow& row = *found->second;
    row.built = true;
    row.output_shape = shapes_text(call->outputs);
    if (!summary.connected) continue;
    for (const Tensor& input : call->inputs) {
      row.connections.push_back(connection_text(input, call_numbers));
    }
  }
}

// Gradients of float16 vanish without one. Keras: Trainer.compile.
Optimizer with_loss_scale(const Optimizer& optimizer, bool auto_scale_loss,
                          const DTypePolicy& policy) {
  const bool needs_scale = auto_scale_loss && policy.name() == "mixed_float16";
  if (!needs_scale || optimizer.loss_scale() != nullptr) return optimizer;
  return optimizers::LossScaleOptimizer(optimizer);
}

}  // namespace

Model::Model(const CommonOptions& options)
    : Layer(options), runtime_(std::make_shared<Runtime>()) {}

Model::Model(const TensorList& inputs, const TensorList& outputs, const ModelOptions& options)
    : Model(common(options)) {
  graph_ = std::make_shared<FunctionalGraph>(inputs.get(), outputs.get());
}

Tensors Model::call_many(const Tensors& inputs, const CallContext& context) {
  if (graph_ == nullptr) return Layer::call_many(inputs, context);
  if (inputs.size() != graph_->inputs().size()) {
    throw InvalidArgument(fmt::format("[{}] expected {} inputs ({}), received {}", name(),
                                      graph_->inputs().size(), join(input_names()), inputs.size()));
  }
  return graph_->run(inputs, context);
}

void Model::compile(const CompileOptions& options) {
  const Names outputs = output_names();
  options.loss.of(outputs);
  options.loss_weights.of(outputs);
  std::vector<MetricState> states = all_metrics(options, outputs);
  snn::check_at_compile(*this, options.snn_check);
  const Optimizer own = options.optimizer.of_owner(runtime_);
  const Optimizer optimizer = with_loss_scale(own, options.auto_scale_loss, dtype_policy());
  std::scoped_lock lock(runtime_->mutex);
  runtime_->options = options;
  runtime_->options->optimizer = own;
  runtime_->optimizer = optimizer;
  runtime_->told_of_vanishing = false;
  runtime_->programs.clear();
  runtime_->metric_states = std::move(states);
}

bool Model::is_built() const { return graph() != nullptr || Layer::is_built(); }

bool Model::is_compiled() const { return runtime_->options.has_value(); }

const CompileOptions& Model::compile_options() const {
  if (!is_compiled()) {
    throw RuntimeError(fmt::format(
        "[{}] the model is not compiled: call compile({{.loss = ..., .optimizer = ...}}) first",
        name()));
  }
  return *runtime_->options;
}

Optimizer Model::optimizer() const {
  compile_options();
  return *runtime_->optimizer;
}

std::vector<std::string> Model::metrics_names() const {
  Names names;
  for (const MetricState& state : all_metrics(compile_options(), output_names())) {
    names.push_back(state.name);
  }
  return names;
}

const Tensors& Model::inputs() const {
  if (const auto calls = graph()) return calls->inputs();
  throw RuntimeError(fmt::format("[{}] the model is not built: its inputs are not known", name()));
}

const Tensors& Model::outputs() const {
  if (const auto calls = graph()) return calls->outputs();
  throw RuntimeError(fmt::format("[{}] the model is not built: its outputs are not known", name()));
}

Tensor Model::layer_output(const std::string& layer_name) const {
  const std::shared_ptr<Layer> layer = get_layer(layer_name);
  inputs();
  return Tensor(graph()->calls(*layer).front(), 0);
}

Names Model::input_names() const {
  const auto calls = graph();
  return calls ? layer_names(calls->inputs()) : Names{"x"};
}

Names Model::output_names() const {
  const auto calls = graph();
  return calls ? layer_names(calls->outputs()) : Names{"y"};
}

std::vector<Shape> Model::input_shapes() const {
  const auto calls = graph();
  return calls ? shapes_of(calls->inputs()) : std::vector<Shape>();
}

std::vector<Shape> Model::output_shapes() const {
  const auto calls = graph();
  return calls ? shapes_of(calls->outputs()) : std::vector<Shape>();
}

std::vector<std::shared_ptr<Layer>> Model::layers() const {
  return graph_ ? graph_->layers() : std::vector<std::shared_ptr<Layer>>();
}

void Model::stop_training() { runtime_->stop_training = true; }

TrainingState& Model::training_state() const { return runtime_->training; }

std::vector<Layer*> Model::sublayers() {
  std::vector<Layer*> result;
  for (const auto& layer : layers()) result.push_back(layer.get());
  return result;
}

std::shared_ptr<Layer> Model::get_layer(const std::string& layer_name) const {
  std::vector<std::string> known;
  for (const auto& layer : layers()) {
    if (layer->name() == layer_name) return layer;
    known.push_back(layer->name());
  }
  throw NotFound(fmt::format("[{}] no layer '{}'. {}The layers: {}", name(), layer_name,
                             did_you_mean(layer_name, known), join(known)));
}

std::shared_ptr<Layer> Model::get_layer(int index) const {
  const auto all = layers();
  const int count = static_cast<int>(all.size());
  if (index < -count || index >= count) {
    throw NotFound(fmt::format("[{}] layer {} of {} layers", name(), index, count));
  }
  return all[static_cast<std::size_t>(index < 0 ? index + count : index)];
}

std::string Model::summary_text(const SummaryOptions& options) const {
  Summary summary{name(), {}, count(trainable_weights()), count(non_trainable_weights()), {}};
  for (const auto& layer : layers()) {
    summary.rows.push_back({layer->name(), layer->class_name(), "?", layer->count_params(), false});
  }
  if (const auto calls = graph()) describe_calls(*calls, summary);
  if (is_compiled() && optimizer().is_built()) {
    summary.optimizer = count(optimizer().variables());
  }
  if (options.expand_snn) {
    summary.expand_snn = true;
    auto moments = expected_moments(*this);
    for (SummaryRow& row : summary.rows) row.moments = moments[row.name];
  }
  return format_summary(summary, options.style, options.line_length);
}

void Model::summary(const SummaryOptions& options) const {
  const std::string text = summary_text(options);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace banach
