#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/metric_rows.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

using metrics::detail::MetricRow;

const std::vector<MetricRow>& rows() {
  static const std::vector<MetricRow> kRows = [] {
    std::vector<MetricRow> all;
    using namespace metrics::detail;
    for (const auto rows :
         {accuracy_rows(), regression_rows(), confusion_rows(), f_score_rows(), mean_rows()}) {
      all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
  }();
  return kRows;
}

// The row of a class, or of its name in snake_case; null for none.
const MetricRow* find(const std::string& name) {
  const auto row = std::ranges::find_if(
      rows(), [&](const MetricRow& r) { return name == r.name || name == r.class_name; });
  return row == rows().end() ? nullptr : &*row;
}

// F-scores have no default of an average.
bool needs_options(const MetricRow& row) {
  return std::ranges::any_of(metrics::detail::f_score_rows(), [&](const MetricRow& r) {
    return std::string_view(r.name) == row.name;
  });
}

Metric from_config(const MetricRow& row, const Json& config) {
  Fields fields(config, row.class_name);
  return row.read(fields);
}

bool is_accuracy(const std::string& name) { return name == "accuracy" || name == "acc"; }

// The metric that a name stands for, called by it.
Metric by_name(const std::string& name) {
  if (is_accuracy(name)) return {name, metrics::accuracy, name, Metric::Direction::up};
  if (const MetricRow* row = find(name)) return from_config(*row, Json::dict({{"name", name}}));
  const auto known = metrics::names();
  const auto losses = losses::names();
  if (std::ranges::find(losses, name) == losses.end()) {
    throw InvalidArgument("unknown metric '" + name + "'. " + did_you_mean(name, known) +
                          "Known: " + join(known));
  }
  return {name, Metric::Function(Loss(name)), name, Metric::Direction::down};
}

// TensorFlow 2 wrote {"class_name": "MeanMetricWrapper", "config": {"fn": "categorical_accuracy"}}.
std::string class_of(const SerializedObject& object) {
  const Json* function = object.config.find("fn");
  if (function == nullptr || !function->is_string()) return object.class_name;
  return function->as_string();
}

}  // namespace

Metric::Metric(const std::string& name) : Metric(by_name(name)) { config_ = name; }

Tensor Metric::values(const Tensor& y_true, const Tensor& y_pred) const {
  if (values_) return values_(y_true, y_pred);
  throw NotSupported("[" + name_ + "] the metric is no mean of values: use update_state");
}

Tensor Metric::update_state(const Tensor& state, const Tensor& y_true, const Tensor& y_pred,
                            const Tensor& sample_weight) const {
  if (!values_) {
    const Tensor sums = sums_.of_batch(y_true, y_pred, sample_weight);
    return state ? state + sums : sums;
  }
  const Tensor x = values_(y_true, y_pred);
  const Tensor weights = sample_weight ? metrics::detail::weights_like(sample_weight, x) : Tensor();
  return ops::accumulate_mean(state ? state : constant(Array({2}, x.dtype())), x, weights);
}

double Metric::result(const Array& state) const {
  if (values_) return state.flat(0) / state.flat(1);
  std::vector<double> sums;
  for (std::int64_t i = 0; i < state.size(); ++i) sums.push_back(state.flat(i));
  return sums_.result(sums);
}

Json to_json(const Metric& metric) {
  if (!metric.config().is_null()) return metric.config();
  throw NotSupported("the metric '" + metric.name() +
                     "' is a function of your own and cannot be saved: compile the loaded model "
                     "with it");
}

void from_json(const Json& json, Metric& metric) {
  if (json.is_string()) {
    metric = Metric(json.as_string());
    return;
  }
  const SerializedObject object = parse_serialized(json, "a metric");
  const std::string class_name = class_of(object);
  if (const MetricRow* row = find(class_name)) {
    metric = from_config(*row, object.config);
    return;
  }
  // TensorFlow 2's wrapper of a loss
  std::string name = class_name;
  Fields(object.config, class_name)("name", name);
  const Loss loss = class_name;
  metric = Metric(name, Metric::Function(loss), loss.name(), Metric::Direction::down);
}

namespace metrics {

std::vector<std::string> names() {
  std::vector<std::string> result = {"accuracy", "acc"};
  for (const MetricRow& row : rows()) {
    if (!needs_options(row)) result.emplace_back(row.name);
  }
  for (const std::string& loss : losses::names()) {
    if (std::ranges::find(result, loss) == result.end()) result.push_back(loss);
  }
  return result;
}

namespace detail {

Tensor weights_like(const Tensor& weights, const Tensor& values) {
  if (values.rank() < 2) return weights;
  Shape column = values.shape();
  for (int axis = 1; axis < column.rank(); ++axis) column[axis] = 1;
  return ops::broadcast_to(ops::reshape(weights, column), values.shape());
}

}  // namespace detail
}  // namespace metrics
}  // namespace banach
