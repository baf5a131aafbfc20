#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/models/runtime.hpp>
#include <banach/models/summary.hpp>

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace banach {
namespace {

// "accuracy" twice would share one key in History.
std::vector<std::string> all_metric_names(const CompileOptions& options) {
  std::vector<std::string> names = {"loss"};
  for (const auto* list : {&options.metrics, &options.weighted_metrics}) {
    for (const Metric& metric : *list) names.push_back(metric.name());
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::count(names.begin(), names.end(), names[i]) > 1) {
      throw InvalidArgument("[compile] two metrics are called '" + names[i] +
                            "': give one another name");
    }
  }
  return names;
}

ParameterCount count(const std::vector<Variable>& variables) {
  ParameterCount result;
  for (const Variable& variable : variables) {
    result.count += variable.size();
    result.bytes += variable.size() * static_cast<std::int64_t>(size_of(variable.dtype()));
  }
  return result;
}

}  // namespace

Model::Model(const CommonOptions& options)
    : Layer(options), runtime_(std::make_shared<Runtime>()) {}

void Model::compile(const CompileOptions& options) {
  const std::vector<std::string> names = all_metric_names(options);
  std::scoped_lock lock(runtime_->mutex);
  runtime_->options = options;
  runtime_->programs.clear();
  runtime_->recency.clear();
  runtime_->metric_states.clear();
  for (const std::string& name : names) {
    runtime_->metric_states.push_back({name, Variable(name, Array({2}, dtype()), false)});
  }
}

bool Model::is_compiled() const { return runtime_->options.has_value(); }

const CompileOptions& Model::compile_options() const {
  if (!is_compiled()) {
    throw RuntimeError(fmt::format(
        "[{}] the model is not compiled: call compile({{.loss = ..., .optimizer = ...}}) first",
        name()));
  }
  return *runtime_->options;
}

std::vector<std::string> Model::metrics_names() const {
  return all_metric_names(compile_options());
}

void Model::stop_training() { runtime_->stop_training = true; }

std::vector<Layer*> Model::sublayers() const {
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
  const std::vector<Shape> shapes = layer_output_shapes();
  const auto all = layers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool known = i < shapes.size();
    summary.rows.push_back({all[i]->name(), all[i]->class_name(), known ? shapes[i].str() : "?",
                            all[i]->count_params(), known});
  }
  if (is_compiled() && optimizer().variables().size() > 2) {
    summary.optimizer = count(optimizer().variables());
  }
  return format_summary(summary, options.style, options.line_length);
}

void Model::summary(const SummaryOptions& options) const {
  const std::string text = summary_text(options);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace banach
