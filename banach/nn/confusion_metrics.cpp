#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/epsilon.hpp>
#include <banach/nn/loss_inputs.hpp>
#include <banach/nn/metric_rows.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/slice.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace banach::metrics {
namespace {

// The sums of all metrics here, (2, thresholds): how many positives, and how many negatives, have
// predictions above each threshold. All lie above the first.
struct Counts {
  explicit Counts(const std::vector<double>& sums) : sums(sums), thresholds(sums.size() / 2) {}
  double true_positives(std::size_t i) const { return sums[i]; }
  double false_positives(std::size_t i) const { return sums[thresholds + i]; }
  double false_negatives(std::size_t i) const { return sums[0] - sums[i]; }
  double true_negatives(std::size_t i) const { return sums[thresholds] - sums[thresholds + i]; }

  const std::vector<double>& sums;
  const std::size_t thresholds;
};

Tensor as_column(const Tensor& x) { return ops::reshape(x, {-1, 1}); }

Tensor count(const Tensor& y, const Tensor& y_pred, const Tensor& weights,
             const std::vector<double>& thresholds) {
  const DType dtype = y_pred.dtype();
  Tensor positive = 1.0 - ops::equal(y, 0);
  Tensor negative = 1.0 - positive;
  if (weights) {
    const Tensor w = detail::weights_like(weights, y_pred);
    positive = positive * w;
    negative = negative * w;
  }
  const Array bounds =
      Array::from<double>(thresholds, {1, static_cast<std::int64_t>(thresholds.size())});
  const Tensor above = ops::greater(as_column(y_pred), constant(bounds.astype(dtype)));
  const Tensor kinds = ops::concatenate({as_column(positive), as_column(negative)});
  return ops::matmul(kinds, above, true);
}

Tensor entry(const Tensor& x, std::int64_t index) {
  Shape start = x.shape();
  for (int axis = 0; axis < start.rank(); ++axis) start[axis] = 0;
  start[start.rank() - 1] = index;
  return ops::slice(x, start, x.shape().with(-1, 1));
}

constexpr double kBelowAll = -std::numeric_limits<double>::infinity();

// The metric of predictions above one threshold, of all classes or one.
template <class Options>
Metric of_one_threshold(const char* class_name, const Options& o,
                        std::optional<std::int64_t> class_id, Metric::Direction direction,
                        double (*result)(const Counts& counts)) {
  const std::vector<double> thresholds = {kBelowAll, o.thresholds.value_or(0.5)};
  if (!(thresholds[1] >= 0 && thresholds[1] <= 1)) {
    throw InvalidArgument(
        fmt::format("[{}] thresholds must be in [0, 1], received {}", class_name, thresholds[1]));
  }
  const auto of_batch = [=, name = o.name](const Tensor& y_true, const Tensor& y_pred,
                                           const Tensor& weights) {
    const Tensor y = losses::detail::matching(name, y_true, y_pred);
    if (!class_id) return count(y, y_pred, weights, thresholds);
    if (*class_id < 0 || *class_id >= y_pred.dim(-1)) {
      throw InvalidArgument(fmt::format("[{}] class_id must be in [0, {}), received {}", name,
                                        y_pred.dim(-1), *class_id));
    }
    return count(entry(y, *class_id), entry(y_pred, *class_id), weights, thresholds);
  };
  const auto of_sums = [=](const std::vector<double>& sums) { return result(Counts(sums)); };
  return {o.name, Metric::Sums{of_batch, of_sums}, detail::config_of(class_name, o), direction};
}

Metric confusion(const char* class_name, const ConfusionOptions& o,
                 double (*result)(const Counts& counts)) {
  return of_one_threshold(class_name, o, {}, Metric::Direction::unknown, result);
}

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

double precision(const Counts& counts, std::size_t i) {
  const double right = counts.true_positives(i);
  return ratio(right, right + counts.false_positives(i));
}

double recall(const Counts& counts, std::size_t i) {
  const double right = counts.true_positives(i);
  return ratio(right, right + counts.false_negatives(i));
}

double false_positive_rate(const Counts& counts, std::size_t i) {
  const double wrong = counts.false_positives(i);
  return ratio(wrong, wrong + counts.true_negatives(i));
}

// The area under precision by recall, interpolated between thresholds (Davis and Goadrich 2006;
// keras.metrics.AUC.interpolate_pr_auc).
double interpolated_pr_area(const Counts& counts) {
  double area = 0;
  for (std::size_t i = 0; i + 1 < counts.thresholds; ++i) {
    const double next = counts.true_positives(i + 1), rise = counts.true_positives(i) - next;
    const double all = counts.true_positives(i) + counts.false_positives(i);
    const double all_next = next + counts.false_positives(i + 1);
    const double slope = ratio(rise, std::max(all - all_next, 0.0));
    const double intercept = next - slope * all_next;
    const double grown = all > 0 && all_next > 0 ? all / all_next : 1;
    area += ratio(slope * (rise + intercept * std::log(grown)), counts.true_positives(0));
  }
  return area;
}

double riemann_area(const Counts& counts, const AUCOptions& o) {
  const bool is_roc = o.curve == "ROC";
  const auto x = [&](std::size_t i) {
    return is_roc ? false_positive_rate(counts, i) : recall(counts, i);
  };
  const auto y = [&](std::size_t i) { return is_roc ? recall(counts, i) : precision(counts, i); };
  double area = 0;
  for (std::size_t i = 0; i + 1 < counts.thresholds; ++i) {
    const double low = std::min(y(i), y(i + 1)), high = std::max(y(i), y(i + 1));
    const double height = o.summation_method == "minoring"   ? low
                          : o.summation_method == "majoring" ? high
                                                             : (low + high) / 2;
    area += (x(i) - x(i + 1)) * height;
  }
  return area;
}

// Evenly from 0 to 1, the ends moved outwards so that predictions of 0 are above the first.
std::vector<double> even_thresholds(int count) {
  std::vector<double> thresholds;
  for (int i = 0; i < count; ++i) thresholds.push_back(static_cast<double>(i) / (count - 1));
  thresholds.front() -= config::epsilon();
  thresholds.back() += config::epsilon();
  return thresholds;
}

void check(const AUCOptions& o) {
  if (o.num_thresholds < 2) {
    throw InvalidArgument(
        fmt::format("[AUC] num_thresholds must be at least 2, received {}", o.num_thresholds));
  }
  if (o.curve != "ROC" && o.curve != "PR") {
    throw InvalidArgument(fmt::format("[AUC] curve must be 'ROC' or 'PR', received '{}'", o.curve));
  }
  if (o.summation_method != "interpolation" && o.summation_method != "minoring" &&
      o.summation_method != "majoring") {
    throw InvalidArgument(fmt::format(
        "[AUC] summation_method must be 'interpolation', 'minoring' or 'majoring', received '{}'",
        o.summation_method));
  }
}

}  // namespace

void describe(Fields& fields, ConfusionOptions& o) {
  fields("name", o.name)("thresholds", o.thresholds);
}
void describe(Fields& fields, PrecisionOptions& o) {
  fields("name", o.name)("thresholds", o.thresholds).only("top_k", Json());
  fields("class_id", o.class_id);
}
void describe(Fields& fields, AUCOptions& o) {
  fields("name", o.name)("num_thresholds", o.num_thresholds)("curve", o.curve);
  fields("summation_method", o.summation_method).only("multi_label", false);
  fields.only("num_labels", Json()).only("label_weights", Json()).only("thresholds", Json());
  fields("from_logits", o.from_logits);
}

std::span<const detail::MetricRow> detail::confusion_rows() {
  static constexpr MetricRow kRows[] = {
      {"true_positives", "TruePositives", read<ConfusionOptions, TruePositives>},
      {"true_negatives", "TrueNegatives", read<ConfusionOptions, TrueNegatives>},
      {"false_positives", "FalsePositives", read<ConfusionOptions, FalsePositives>},
      {"false_negatives", "FalseNegatives", read<ConfusionOptions, FalseNegatives>},
      {"precision", "Precision", read<PrecisionOptions, Precision>},
      {"recall", "Recall", read<PrecisionOptions, Recall>},
      {"auc", "AUC", read<AUCOptions, AUC>}};
  return kRows;
}

Metric TruePositives(const ConfusionOptions& o) {
  return confusion("TruePositives", detail::named(o, "true_positives"),
                   [](const Counts& counts) { return counts.true_positives(1); });
}
Metric TrueNegatives(const ConfusionOptions& o) {
  return confusion("TrueNegatives", detail::named(o, "true_negatives"),
                   [](const Counts& counts) { return counts.true_negatives(1); });
}
Metric FalsePositives(const ConfusionOptions& o) {
  return confusion("FalsePositives", detail::named(o, "false_positives"),
                   [](const Counts& counts) { return counts.false_positives(1); });
}
Metric FalseNegatives(const ConfusionOptions& o) {
  return confusion("FalseNegatives", detail::named(o, "false_negatives"),
                   [](const Counts& counts) { return counts.false_negatives(1); });
}

Metric Precision(const PrecisionOptions& o) {
  return of_one_threshold("Precision", detail::named(o, "precision"), o.class_id,
                          Metric::Direction::up,
                          [](const Counts& counts) { return precision(counts, 1); });
}
Metric Recall(const PrecisionOptions& o) {
  return of_one_threshold("Recall", detail::named(o, "recall"), o.class_id, Metric::Direction::up,
                          [](const Counts& counts) { return recall(counts, 1); });
}

Metric AUC(const AUCOptions& options) {
  const auto o = detail::named(options, "auc");
  check(o);
  const auto of_batch = [o, thresholds = even_thresholds(o.num_thresholds)](
                            const Tensor& y_true, const Tensor& y_pred, const Tensor& weights) {
    const Tensor p = o.from_logits ? activations::sigmoid(y_pred) : ops::clip(y_pred, 0, 1);
    return count(losses::detail::matching(o.name, y_true, p), p, weights, thresholds);
  };
  const auto result = [o](const std::vector<double>& sums) {
    const bool interpolated_pr = o.curve == "PR" && o.summation_method == "interpolation";
    const Counts counts(sums);
    return interpolated_pr ? interpolated_pr_area(counts) : riemann_area(counts, o);
  };
  return {o.name, Metric::Sums{of_batch, result}, detail::config_of("AUC", o),
          Metric::Direction::up};
}

}  // namespace banach::metrics
