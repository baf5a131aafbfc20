#include <banach/core/errors.hpp>
#include <banach/nn/epsilon.hpp>
#include <banach/nn/loss_inputs.hpp>
#include <banach/nn/metric_rows.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/slice.hpp>

#include <fmt/format.h>
#include <numeric>

namespace banach::metrics {
namespace {

// 1 where a class is predicted: above the threshold, or the largest of its sample unless 0.
Tensor predicted(const Tensor& y_pred, const std::optional<double>& threshold) {
  if (threshold) return ops::greater(y_pred, *threshold);
  return ops::greater_equal(y_pred, ops::max(y_pred, {-1}, true)) *
         ops::greater(ops::absolute(y_pred), 1e-9);
}

// Of each class: how often it was rightly predicted, predicted, and there.
Tensor class_sums(const Tensor& y_true, const Tensor& y_pred, const Tensor& weights,
                  const FBetaScoreOptions& o) {
  const Tensor y = losses::detail::matching(o.name, y_true, y_pred);
  if (y.rank() != 2) {
    throw InvalidArgument(fmt::format("[{}] expected y_pred (batch, classes), received {}", o.name,
                                      y_pred.shape().str()));
  }
  const Tensor positive = predicted(y_pred, o.threshold);
  Tensors rows = {positive * y, positive, y};
  for (Tensor& row : rows) {
    row = ops::sum(weights ? row * detail::weights_like(weights, row) : row, {0});
  }
  return ops::stack(rows);
}

double f_beta(double right, double predicted, double there, double beta) {
  const double precision = right / (predicted + config::epsilon()),
               recall = right / (there + config::epsilon());
  return (1 + beta * beta) * precision * recall /
         (beta * beta * precision + recall + config::epsilon());
}

double result(const std::vector<double>& sums, const FBetaScoreOptions& o) {
  const std::size_t classes = sums.size() / 3;
  const double *right = sums.data(), *predicted = right + classes, *there = predicted + classes;
  const auto total = [&](const double* row) { return std::accumulate(row, row + classes, 0.0); };
  if (o.average == "micro") return f_beta(total(right), total(predicted), total(there), o.beta);
  double mean = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    const double weight = o.average == "macro" ? 1.0 / static_cast<double>(classes)
                                               : there[i] / (total(there) + config::epsilon());
    mean += weight * f_beta(right[i], predicted[i], there[i], o.beta);
  }
  return mean;
}

void check(const char* class_name, const FBetaScoreOptions& o) {
  if (o.average != "micro" && o.average != "macro" && o.average != "weighted") {
    throw InvalidArgument(
        fmt::format("[{}] average must be 'micro', 'macro' or 'weighted', received '{}': a value "
                    "for each class has no place in History",
                    class_name, o.average));
  }
  if (!(o.beta > 0)) {
    throw InvalidArgument(
        fmt::format("[{}] beta must be positive, received {}", class_name, o.beta));
  }
  if (o.threshold && !(*o.threshold > 0 && *o.threshold <= 1)) {
    throw InvalidArgument(
        fmt::format("[{}] threshold must be in (0, 1], received {}", class_name, *o.threshold));
  }
}

Metric f_score(const char* class_name, const FBetaScoreOptions& o, Json config) {
  check(class_name, o);
  const auto of_batch = [o](const Tensor& y_true, const Tensor& y_pred, const Tensor& weights) {
    return class_sums(y_true, y_pred, weights, o);
  };
  const auto of_sums = [o](const std::vector<double>& sums) { return result(sums, o); };
  return {o.name, Metric::Sums{of_batch, of_sums}, std::move(config), Metric::Direction::up};
}

}  // namespace

void describe(Fields& fields, F1ScoreOptions& o) {
  fields("name", o.name)("average", o.average)("threshold", o.threshold);
}
void describe(Fields& fields, FBetaScoreOptions& o) {
  fields("name", o.name)("average", o.average)("beta", o.beta);
  fields("threshold", o.threshold);
}

std::span<const detail::MetricRow> detail::f_score_rows() {
  static constexpr MetricRow kRows[] = {
      {"f1_score", "F1Score", read<F1ScoreOptions, F1Score>},
      {"fbeta_score", "FBetaScore", read<FBetaScoreOptions, FBetaScore>}};
  return kRows;
}

Metric F1Score(const F1ScoreOptions& options) {
  const auto o = detail::named(options, "f1_score");
  return f_score("F1Score", {o.average, 1, o.threshold, o.name}, detail::config_of("F1Score", o));
}

Metric FBetaScore(const FBetaScoreOptions& options) {
  const auto o = detail::named(options, "fbeta_score");
  return f_score("FBetaScore", o, detail::config_of("FBetaScore", o));
}

}  // namespace banach::metrics
