#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/suggest.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/losses.hpp>
#include <banach/nn/metrics.hpp>
#include <banach/nn/serialization.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/softmax.hpp>

#include <algorithm>

namespace banach {
namespace {

struct Row {
  const char* name;
  const char* class_name;  // null where Keras has none that means the same
  Tensor (*function)(const Tensor&, const Tensor&);
};

constexpr Row kRows[] = {
    {"accuracy", nullptr, metrics::accuracy},
    {"acc", nullptr, metrics::accuracy},
    {"binary_accuracy", "BinaryAccuracy", metrics::binary_accuracy},
    {"categorical_accuracy", "CategoricalAccuracy", metrics::categorical_accuracy},
    {"sparse_categorical_accuracy", "SparseCategoricalAccuracy",
     metrics::sparse_categorical_accuracy}};

Metric::Function find(const std::string& name) {
  const auto row = std::ranges::find(kRows, name, &Row::name);
  if (row != std::end(kRows)) return row->function;
  const auto losses = losses::names();
  if (std::ranges::find(losses, name) != losses.end()) return Loss(name);
  const auto known = metrics::names();
  throw InvalidArgument("unknown metric '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

// TensorFlow 2 wrote {"class_name": "MeanMetricWrapper", "config": {"fn": "categorical_accuracy"}}.
std::string class_of(const SerializedObject& object) {
  const Json* function = object.config.find("fn");
  if (function == nullptr || !function->is_string()) return object.class_name;
  for (const Row& row : kRows) {
    if (function->as_string() == row.name && row.class_name != nullptr) return row.class_name;
  }
  return function->as_string();
}

Json without_function(const Json& config) {
  Json::Dict kept;
  for (const auto& [name, value] : config.as_dict()) {
    if (name != "fn") kept.emplace_back(name, value);
  }
  return kept;
}

}  // namespace

Metric::Metric(const std::string& name) : name_(name), function_(find(name)), config_(name) {}

Metric::Direction Metric::direction() const {
  if (config_.is_null()) return Direction::unknown;
  const std::string& kind = (config_.is_string() ? config_ : config_.at("class_name")).as_string();
  const bool is_accuracy = std::ranges::any_of(kRows, [&](const Row& row) {
    return kind == row.name || (row.class_name != nullptr && kind == row.class_name);
  });
  return is_accuracy ? Direction::up : Direction::down;
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
  const auto row = std::ranges::find_if(
      kRows, [&](const Row& r) { return r.class_name != nullptr && class_name == r.class_name; });
  Json config = object.config;
  Metric::Function function;
  std::string name;
  if (row != std::end(kRows)) {
    function = row->function;
    name = row->name;
    Fields(config, row->class_name).only("threshold", 0.5);
  } else {
    config["name"] = Json();
    config["dtype"] = Json();
    Loss loss = "mean_squared_error";
    from_json(serialized("keras.losses", class_name, config), loss);
    function = loss;
    name = loss.name();
  }
  Fields(object.config, object.class_name)("name", name);
  metric = Metric(name, function,
                  serialized("keras.metrics", class_name, without_function(object.config)));
}

namespace metrics {

Tensor binary_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor targets = ops::reshape(ops::cast(y_true, y_pred.dtype()), y_pred.shape());
  return ops::equal(targets, ops::greater(y_pred, constant(0.5, y_pred.dtype())));
}

Tensor categorical_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  return ops::categorical_match(ops::cast(y_true, y_pred.dtype()), y_pred);
}

Tensor sparse_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  const Shape rows = y_pred.shape().slice(0, y_pred.rank() - 1);
  return ops::sparse_categorical_match(ops::reshape(ops::cast(y_true, y_pred.dtype()), rows),
                                       y_pred);
}

Tensor accuracy(const Tensor& y_true, const Tensor& y_pred) {
  if (y_pred.dim(-1) == 1) return binary_accuracy(y_true, y_pred);
  const bool sparse = y_true.rank() < y_pred.rank() || y_true.dim(-1) == 1;
  return sparse ? sparse_categorical_accuracy(y_true, y_pred)
                : categorical_accuracy(y_true, y_pred);
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.emplace_back(row.name);
  for (const std::string& loss : losses::names()) result.push_back(loss);
  return result;
}

}  // namespace metrics
}  // namespace banach
