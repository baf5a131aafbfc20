#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/loss_inputs.hpp>
#include <banach/nn/metric_rows.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/slice.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach::metrics {
namespace {

Tensor similarities(const Tensor& y_true, const Tensor& y_pred) {
  return ops::negative(losses::cosine_similarity(y_true, y_pred));
}

// {sum of squares, sum of weights} of all elements.
Tensor squared_errors(const Tensor& y_true, const Tensor& y_pred, const Tensor& weights) {
  const Tensor y = losses::detail::matching("root_mean_squared_error", y_true, y_pred);
  return Metric("mean_squared_error",
                [](const Tensor& t, const Tensor& p) { return ops::square(p - t); })
      .update_state({}, y, y_pred, weights);
}

// Of each output: sum(w), sum(w y), sum(w y^2), sum(w (y - p)^2).
Tensor r2_sums(const Tensor& y_true, const Tensor& y_pred, const Tensor& weights) {
  const Tensor y = losses::detail::matching("r2_score", y_true, y_pred);
  if (y.rank() != 2) {
    throw InvalidArgument(fmt::format("[r2_score] expected y_pred (batch, outputs), received {}",
                                      y_pred.shape().str()));
  }
  const Tensor w = weights ? detail::weights_like(weights, y)
                           : ops::broadcast_to(constant(1, y.dtype()), y.shape());
  const Tensor weighted = w * y;
  Tensors rows = {w, weighted, weighted * y, w * ops::square(y - y_pred)};
  for (Tensor& row : rows) row = ops::sum(row, {0});
  return ops::stack(rows);
}

double r2_result(const std::vector<double>& sums, bool by_variance) {
  const std::size_t outputs = sums.size() / 4;
  double total_score = 0, total_weight = 0;
  for (std::size_t i = 0; i < outputs; ++i) {
    const double count = sums[i], sum = sums[outputs + i], squares = sums[2 * outputs + i];
    const double variation = squares - sum * sum / count;
    const double score = 1 - sums[3 * outputs + i] / variation;
    const double weight = by_variance ? variation : 1;
    total_score += weight * (std::isinf(score) ? 0 : score);
    total_weight += weight;
  }
  return total_score / total_weight;
}

}  // namespace

void describe(Fields& fields, R2ScoreOptions& o) {
  fields("name", o.name)("class_aggregation", o.class_aggregation).only("num_regressors", 0);
}

std::span<const detail::MetricRow> detail::regression_rows() {
  static constexpr MetricRow kRows[] = {
      {"cosine_similarity", "CosineSimilarity", read<MetricOptions, CosineSimilarity>},
      {"root_mean_squared_error", "RootMeanSquaredError",
       read<MetricOptions, RootMeanSquaredError>},
      {"r2_score", "R2Score", read<R2ScoreOptions, R2Score>}};
  return kRows;
}

Metric CosineSimilarity(const MetricOptions& options) {
  const auto o = detail::named(options, "cosine_similarity");
  return {o.name, similarities, detail::config_of("CosineSimilarity", o), Metric::Direction::up};
}

Metric RootMeanSquaredError(const MetricOptions& options) {
  const auto o = detail::named(options, "root_mean_squared_error");
  const auto result = [](const std::vector<double>& sums) { return std::sqrt(sums[0] / sums[1]); };
  return {o.name, Metric::Sums{squared_errors, result},
          detail::config_of("RootMeanSquaredError", o), Metric::Direction::down};
}

Metric R2Score(const R2ScoreOptions& options) {
  const auto o = detail::named(options, "r2_score");
  const bool by_variance = o.class_aggregation == "variance_weighted_average";
  if (!by_variance && o.class_aggregation != "uniform_average") {
    throw InvalidArgument(
        fmt::format("[R2Score] class_aggregation must be 'uniform_average' or "
                    "'variance_weighted_average', received '{}'",
                    o.class_aggregation));
  }
  const auto result = [=](const std::vector<double>& sums) { return r2_result(sums, by_variance); };
  return {o.name, Metric::Sums{r2_sums, result}, detail::config_of("R2Score", o),
          Metric::Direction::up};
}

}  // namespace banach::metrics
