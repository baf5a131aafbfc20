#pragma once

#include <banach/core/json.hpp>
#include <banach/graph/tensor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banach {

/// A running mean over samples: a name, or a function of your own that gives the values to average.
/// "accuracy" and "acc" become binary, sparse or categorical accuracy by the shapes, as in Keras.
class Metric {
 public:
  using Function = std::function<Tensor(const Tensor& y_true, const Tensor& y_pred)>;

  Metric(const char* name) : Metric(std::string(name)) {}
  Metric(const std::string& name);  ///< InvalidArgument for an unknown name, with the nearest
  /// Without a config it cannot be saved.
  Metric(std::string name, Function function, Json config = {})
      : name_(std::move(name)), function_(std::move(function)), config_(std::move(config)) {}

  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const {
    return function_(y_true, y_pred);
  }
  const std::string& name() const { return name_; }  ///< the key in History
  /// The name, or what Keras writes for an object; null for a function of your own.
  const Json& config() const { return config_; }

  /// Where better values lie: an accuracy should rise, a loss fall; unknown for a function of your
  /// own.
  enum class Direction { unknown, up, down };
  Direction direction() const;

 private:
  std::string name_;
  Function function_;
  Json config_;
};

Json to_json(const Metric& metric);  ///< NotSupported for a function of your own
void from_json(const Json& json, Metric& metric);

/// keras.metrics, as functions that give the values to average.
namespace metrics {

/// Elementwise: whether y_pred > 0.5 is what y_true says.
Tensor binary_accuracy(const Tensor& y_true, const Tensor& y_pred);
/// Per sample: whether the largest prediction is at the largest target.
Tensor categorical_accuracy(const Tensor& y_true, const Tensor& y_pred);
/// Per sample: whether the largest prediction is at the class number.
Tensor sparse_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred);
/// The one of the three that the shapes call for (keras/src/trainers/compile_utils.py).
Tensor accuracy(const Tensor& y_true, const Tensor& y_pred);

std::vector<std::string> names();  ///< all that Metric(name) knows: these, and every loss

}  // namespace metrics
}  // namespace banach
