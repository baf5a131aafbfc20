#pragma once

#include <banach/core/array.hpp>
#include <banach/core/json.hpp>
#include <banach/graph/tensor.hpp>
#include <banach/nn/losses.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace banach {

/// A number that is gathered over batches: a name, an object of `metrics::`, or one of your own,
/// be it a mean over samples or what you make of sums over samples.
/// "accuracy" and "acc" become binary, sparse or categorical accuracy by the shapes, as in Keras.
class Metric {
 public:
  /// Gives the values to average, (batch,) or (batch, ...).
  using Function = std::function<Tensor(const Tensor& y_true, const Tensor& y_pred)>;
  /// For what is no mean: `of_batch` gives sums over the samples, of one shape whatever the batch,
  /// and `result` the metric from the sums of all batches. `sample_weight` (batch,) is empty where
  /// each sample counts 1.
  struct Sums {
    std::function<Tensor(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight)>
        of_batch;
    std::function<double(const std::vector<double>& sums)> result;
  };
  /// Where better values lie, for callbacks of mode "auto".
  enum class Direction { unknown, up, down };

  Metric(const char* name) : Metric(std::string(name)) {}
  Metric(const std::string& name);  ///< InvalidArgument for an unknown name, with the nearest
  /// Without a config it cannot be saved.
  Metric(std::string name, Function values, Json config = {},
         Direction direction = Direction::unknown)
      : name_(std::move(name)),
        values_(std::move(values)),
        config_(std::move(config)),
        direction_(direction) {}
  Metric(std::string name, Sums sums, Json config = {}, Direction direction = Direction::unknown)
      : name_(std::move(name)),
        sums_(std::move(sums)),
        config_(std::move(config)),
        direction_(direction) {}

  const std::string& name() const { return name_; }  ///< the key in History
  /// The name, or what Keras writes for an object; null for a function of your own.
  const Json& config() const { return config_; }
  Direction direction() const { return direction_; }

  bool is_mean() const { return static_cast<bool>(values_); }
  /// The values that a mean averages; NotSupported for a metric that is none.
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const;
  /// The state after a batch, from that before, which is empty at first: {total, count} of a mean,
  /// else the sums.
  Tensor update_state(const Tensor& state, const Tensor& y_true, const Tensor& y_pred,
                      const Tensor& sample_weight = {}) const;
  double result(const Array& state) const;  ///< NaN of a mean where nothing was seen

  /// The metric of arrays at once, as one batch; `sample_weight` is (batch,).
  double operator()(const Array& y_true, const Array& y_pred,
                    const std::optional<Array>& sample_weight = {}) const;

 private:
  std::string name_;
  Function values_;  // of a mean; empty where there are sums
  Sums sums_;
  Json config_;
  Direction direction_ = Direction::unknown;
};

Json to_json(const Metric& metric);  ///< NotSupported for a function of your own
void from_json(const Json& json, Metric& metric);

/// keras.metrics. The functions give the values to average; the objects, in capitals, are called
/// by their class in snake_case unless they have a name. InvalidArgument for options out of range.
namespace metrics {

struct MetricOptions {
  std::string name = {};
};

// ---- Accuracy

struct BinaryAccuracyOptions {
  std::string name = {};
  double threshold = 0.5;
};
struct TopKOptions {
  int k = 5;
  std::string name = {};
};

/// Elementwise: whether y_pred > 0.5 is what y_true says.
Tensor binary_accuracy(const Tensor& y_true, const Tensor& y_pred);
/// Per sample: whether the largest prediction is at the largest target.
Tensor categorical_accuracy(const Tensor& y_true, const Tensor& y_pred);
/// Per sample: whether the largest prediction is at the class number.
Tensor sparse_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred);
/// Per sample: whether fewer than k predictions are larger than that at the largest target; no
/// where one of them is not finite.
Tensor top_k_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred, int k = 5);
/// The same with class numbers.
Tensor sparse_top_k_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred, int k = 5);
/// The one of the first three that the shapes call for (keras/src/trainers/compile_utils.py).
Tensor accuracy(const Tensor& y_true, const Tensor& y_pred);

Metric BinaryAccuracy(const BinaryAccuracyOptions& options = {});
Metric CategoricalAccuracy(const MetricOptions& options = {});
Metric SparseCategoricalAccuracy(const MetricOptions& options = {});
Metric TopKCategoricalAccuracy(const TopKOptions& options = {});
Metric SparseTopKCategoricalAccuracy(const TopKOptions& options = {});

// ---- Means of losses

struct BinaryCrossentropyMetricOptions {
  std::string name = {};
  bool from_logits = false;
  double label_smoothing = 0;  ///< in [0, 1]
};
struct CategoricalCrossentropyMetricOptions {
  std::string name = {};
  bool from_logits = false;
  double label_smoothing = 0;
};
struct SparseCrossentropyMetricOptions {
  std::string name = {};
  bool from_logits = false;
};

Metric BinaryCrossentropy(const BinaryCrossentropyMetricOptions& options = {});
Metric CategoricalCrossentropy(const CategoricalCrossentropyMetricOptions& options = {});
Metric SparseCategoricalCrossentropy(const SparseCrossentropyMetricOptions& options = {});
Metric KLDivergence(const MetricOptions& options = {});
Metric Poisson(const MetricOptions& options = {});
Metric MeanSquaredError(const MetricOptions& options = {});
Metric MeanAbsoluteError(const MetricOptions& options = {});
Metric MeanAbsolutePercentageError(const MetricOptions& options = {});
Metric MeanSquaredLogarithmicError(const MetricOptions& options = {});
Metric LogCoshError(const MetricOptions& options = {});  ///< "logcosh"
Metric Hinge(const MetricOptions& options = {});
Metric SquaredHinge(const MetricOptions& options = {});
Metric CategoricalHinge(const MetricOptions& options = {});

// ---- Regression

struct R2ScoreOptions {
  std::string class_aggregation = "uniform_average";  ///< or "variance_weighted_average"
  std::string name = {};
};

/// sum(y p) / (|y| |p|) along the last axis, in [-1, 1]: minus losses::cosine_similarity.
Metric CosineSimilarity(const MetricOptions& options = {});
Metric RootMeanSquaredError(const MetricOptions& options = {});
/// 1 - sum((y - p)^2) / sum((y - mean y)^2) of each output, y (batch, outputs), then their mean.
Metric R2Score(const R2ScoreOptions& options = {});

// ---- Classification by true and false positives: y_true is 0 or not, y_pred in [0, 1]

struct ConfusionOptions {
  std::optional<double> thresholds = {};  ///< what is above is positive, 0.5; Keras takes lists too
  std::string name = {};
};
struct PrecisionOptions {
  std::optional<double> thresholds = {};
  std::optional<std::int64_t> class_id = {};  ///< only this entry of the last axis counts
  std::string name = {};
};
struct AUCOptions {
  int num_thresholds = 200;   ///< at least 2, evenly spaced; each prediction is compared with all,
                              ///< which takes 4 bytes each
  std::string curve = "ROC";  ///< or "PR"
  std::string summation_method = "interpolation";  ///< or "minoring", "majoring"
  std::string name = {};
  bool from_logits = false;
};

Metric TruePositives(const ConfusionOptions& options = {});
Metric TrueNegatives(const ConfusionOptions& options = {});
Metric FalsePositives(const ConfusionOptions& options = {});
Metric FalseNegatives(const ConfusionOptions& options = {});
Metric Precision(const PrecisionOptions& options = {});  ///< tp / (tp + fp); 0 for 0 / 0
Metric Recall(const PrecisionOptions& options = {});     ///< tp / (tp + fn); 0 for 0 / 0
/// The area under the curve of true by false positive rate (ROC), or of precision by recall (PR),
/// as a Riemann sum over the thresholds; PR is interpolated as by Davis and Goadrich 2006.
Metric AUC(const AUCOptions& options = {});

// ---- F-scores: y_true and y_pred (batch, classes)

struct F1ScoreOptions {
  /// "micro", over all classes; "macro", the classes' mean; "weighted" by the classes' frequency.
  /// Keras' default, a value for each class, has no place in History and is an error.
  std::string average = {};
  std::optional<double> threshold = {};  ///< in (0, 1]; without one the largest prediction counts
  std::string name = {};
};
struct FBetaScoreOptions {
  std::string average = {};
  double beta = 1;  ///< how much more recall counts than precision
  std::optional<double> threshold = {};
  std::string name = {};
};

Metric F1Score(const F1ScoreOptions& options = {});
/// (1 + beta^2) precision recall / (beta^2 precision + recall); "fbeta_score".
Metric FBetaScore(const FBetaScoreOptions& options = {});

std::vector<std::string> names();  ///< all that Metric(name) knows: these, and every loss

}  // namespace metrics
}  // namespace banach
