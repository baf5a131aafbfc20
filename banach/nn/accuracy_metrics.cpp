#include <banach/core/errors.hpp>
#include <banach/nn/loss_inputs.hpp>
#include <banach/nn/metric_rows.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/softmax.hpp>

#include <fmt/format.h>

namespace banach::metrics {
namespace {

Tensor accuracies(const Tensor& y_true, const Tensor& y_pred, double threshold) {
  const Tensor targets = losses::detail::matching("binary_accuracy", y_true, y_pred);
  return ops::equal(targets, ops::greater(y_pred, threshold));
}

// Whether fewer than k predictions are larger than the largest one where `target` is 1, and all are
// finite, as TensorFlow has it.
Tensor in_top_k(const Tensor& target, const Tensor& y_pred, int k) {
  constexpr double kFarBelow = 1e30;  // exact where it counts: x + 0
  const Tensor reached = ops::max(y_pred + (target - 1.0) * kFarBelow, {-1}, true);
  const Tensor larger = ops::sum(ops::greater(y_pred, reached), {-1});
  const Tensor is_finite = ops::equal(ops::sum(y_pred - y_pred, {-1}), 0);
  return ops::less(larger, k - 0.5) * is_finite;
}

Metric top_k(const char* class_name, TopKOptions options,
             Tensor (*function)(const Tensor&, const Tensor&, int)) {
  if (options.k < 1) {
    throw InvalidArgument(
        fmt::format("[{}] k must be at least 1, received {}", class_name, options.k));
  }
  const auto values = [function, k = options.k](const Tensor& y_true, const Tensor& y_pred) {
    return function(y_true, y_pred, k);
  };
  return {options.name, values, detail::config_of(class_name, options), Metric::Direction::up};
}

}  // namespace

void describe(Fields& fields, BinaryAccuracyOptions& o) {
  fields("name", o.name)("threshold", o.threshold);
}
void describe(Fields& fields, TopKOptions& o) {
  fields("name", o.name)("k", o.k);
  if (fields.reading()) fields.only("from_sorted_ids", false);  // Keras writes it where it is true
}

std::span<const detail::MetricRow> detail::accuracy_rows() {
  static constexpr MetricRow kRows[] = {
      {"binary_accuracy", "BinaryAccuracy", read<BinaryAccuracyOptions, BinaryAccuracy>},
      {"categorical_accuracy", "CategoricalAccuracy", read<MetricOptions, CategoricalAccuracy>},
      {"sparse_categorical_accuracy", "SparseCategoricalAccuracy",
       read<MetricOptions, SparseCategoricalAccuracy>},
      {"top_k_categorical_accuracy", "TopKCategoricalAccuracy",
       read<TopKOptions, TopKCategoricalAccuracy>},
      {"sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy",
       read<TopKOptions, SparseTopKCategoricalAccuracy>}};
  return kRows;
}

Tensor binary_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  return accuracies(y_true, y_pred, 0.5);
}

Tensor categorical_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  return ops::categorical_match(ops::cast(y_true, y_pred.dtype()), y_pred);
}

Tensor sparse_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  return ops::sparse_categorical_match(
      losses::detail::class_numbers("sparse_categorical_accuracy", y_true, y_pred), y_pred);
}

Tensor top_k_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred, int k) {
  const Tensor y = ops::cast(y_true, y_pred.dtype());
  return in_top_k(ops::equal(y, ops::max(y, {-1}, true)), y_pred, k);
}

Tensor sparse_top_k_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred, int k) {
  const Tensor labels =
      losses::detail::class_numbers("sparse_top_k_categorical_accuracy", y_true, y_pred);
  return in_top_k(ops::one_hot(labels, y_pred.dim(-1)), y_pred, k);
}

Tensor accuracy(const Tensor& y_true, const Tensor& y_pred) {
  if (y_pred.dim(-1) == 1) return binary_accuracy(y_true, y_pred);
  const bool sparse = y_true.rank() < y_pred.rank() || y_true.dim(-1) == 1;
  return sparse ? sparse_categorical_accuracy(y_true, y_pred)
                : categorical_accuracy(y_true, y_pred);
}

Metric BinaryAccuracy(const BinaryAccuracyOptions& options) {
  const auto o = detail::named(options, "binary_accuracy");
  const auto values = [threshold = o.threshold](const Tensor& y_true, const Tensor& y_pred) {
    return accuracies(y_true, y_pred, threshold);
  };
  return {o.name, values, detail::config_of("BinaryAccuracy", o), Metric::Direction::up};
}

Metric CategoricalAccuracy(const MetricOptions& options) {
  const auto o = detail::named(options, "categorical_accuracy");
  return {o.name, categorical_accuracy, detail::config_of("CategoricalAccuracy", o),
          Metric::Direction::up};
}

Metric SparseCategoricalAccuracy(const MetricOptions& options) {
  const auto o = detail::named(options, "sparse_categorical_accuracy");
  return {o.name, sparse_categorical_accuracy, detail::config_of("SparseCategoricalAccuracy", o),
          Metric::Direction::up};
}

Metric TopKCategoricalAccuracy(const TopKOptions& options) {
  return top_k("TopKCategoricalAccuracy", detail::named(options, "top_k_categorical_accuracy"),
               top_k_categorical_accuracy);
}

Metric SparseTopKCategoricalAccuracy(const TopKOptions& options) {
  return top_k("SparseTopKCategoricalAccuracy",
               detail::named(options, "sparse_top_k_categorical_accuracy"),
               sparse_top_k_categorical_accuracy);
}

}  // namespace banach::metrics
