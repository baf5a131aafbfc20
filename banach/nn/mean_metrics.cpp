// The metrics that are means of losses.
#include <banach/nn/losses.hpp>
#include <banach/nn/metric_rows.hpp>

namespace banach::metrics {
namespace {

template <class Options>
Metric mean_of(const Loss& loss, const char* class_name, const char* name, const Options& options) {
  const Options o = detail::named(options, name);
  return {o.name, Metric::Function(loss), detail::config_of(class_name, o),
          Metric::Direction::down};
}

}  // namespace

void describe(Fields& fields, BinaryCrossentropyMetricOptions& o) {
  fields("name", o.name)("from_logits", o.from_logits)("label_smoothing", o.label_smoothing);
}
void describe(Fields& fields, CategoricalCrossentropyMetricOptions& o) {
  fields("name", o.name)("from_logits", o.from_logits)("label_smoothing", o.label_smoothing);
  fields.only("axis", -1);
}
void describe(Fields& fields, SparseCrossentropyMetricOptions& o) {
  fields("name", o.name)("from_logits", o.from_logits).only("axis", -1);
}

std::span<const detail::MetricRow> detail::mean_rows() {
  static constexpr MetricRow kRows[] = {
      {"binary_crossentropy", "BinaryCrossentropy",
       read<BinaryCrossentropyMetricOptions, BinaryCrossentropy>},
      {"categorical_crossentropy", "CategoricalCrossentropy",
       read<CategoricalCrossentropyMetricOptions, CategoricalCrossentropy>},
      {"sparse_categorical_crossentropy", "SparseCategoricalCrossentropy",
       read<SparseCrossentropyMetricOptions, SparseCategoricalCrossentropy>},
      {"kl_divergence", "KLDivergence", read<MetricOptions, KLDivergence>},
      {"poisson", "Poisson", read<MetricOptions, Poisson>},
      {"mean_squared_error", "MeanSquaredError", read<MetricOptions, MeanSquaredError>},
      {"mean_absolute_error", "MeanAbsoluteError", read<MetricOptions, MeanAbsoluteError>},
      {"mean_absolute_percentage_error", "MeanAbsolutePercentageError",
       read<MetricOptions, MeanAbsolutePercentageError>},
      {"mean_squared_logarithmic_error", "MeanSquaredLogarithmicError",
       read<MetricOptions, MeanSquaredLogarithmicError>},
      {"log_cosh_error", "LogCoshError", read<MetricOptions, LogCoshError>},
      {"hinge", "Hinge", read<MetricOptions, Hinge>},
      {"squared_hinge", "SquaredHinge", read<MetricOptions, SquaredHinge>},
      {"categorical_hinge", "CategoricalHinge", read<MetricOptions, CategoricalHinge>}};
  return kRows;
}

Metric BinaryCrossentropy(const BinaryCrossentropyMetricOptions& o) {
  return mean_of(losses::BinaryCrossentropy({o.from_logits, o.label_smoothing}),
                 "BinaryCrossentropy", "binary_crossentropy", o);
}
Metric CategoricalCrossentropy(const CategoricalCrossentropyMetricOptions& o) {
  return mean_of(losses::CategoricalCrossentropy({o.from_logits, o.label_smoothing}),
                 "CategoricalCrossentropy", "categorical_crossentropy", o);
}
Metric SparseCategoricalCrossentropy(const SparseCrossentropyMetricOptions& o) {
  return mean_of(losses::SparseCategoricalCrossentropy({.from_logits = o.from_logits}),
                 "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", o);
}
Metric KLDivergence(const MetricOptions& o) {
  return mean_of(losses::KLDivergence(), "KLDivergence", "kl_divergence", o);
}
Metric Poisson(const MetricOptions& o) {
  return mean_of(losses::Poisson(), "Poisson", "poisson", o);
}
Metric MeanSquaredError(const MetricOptions& o) {
  return mean_of(losses::MeanSquaredError(), "MeanSquaredError", "mean_squared_error", o);
}
Metric MeanAbsoluteError(const MetricOptions& o) {
  return mean_of(losses::MeanAbsoluteError(), "MeanAbsoluteError", "mean_absolute_error", o);
}
Metric MeanAbsolutePercentageError(const MetricOptions& o) {
  return mean_of(losses::MeanAbsolutePercentageError(), "MeanAbsolutePercentageError",
                 "mean_absolute_percentage_error", o);
}
Metric MeanSquaredLogarithmicError(const MetricOptions& o) {
  return mean_of(losses::MeanSquaredLogarithmicError(), "MeanSquaredLogarithmicError",
                 "mean_squared_logarithmic_error", o);
}
Metric LogCoshError(const MetricOptions& o) {
  return mean_of(losses::LogCosh(), "LogCoshError", "logcosh", o);
}
Metric Hinge(const MetricOptions& o) { return mean_of(losses::Hinge(), "Hinge", "hinge", o); }
Metric SquaredHinge(const MetricOptions& o) {
  return mean_of(losses::SquaredHinge(), "SquaredHinge", "squared_hinge", o);
}
Metric CategoricalHinge(const MetricOptions& o) {
  return mean_of(losses::CategoricalHinge(), "CategoricalHinge", "categorical_hinge", o);
}

}  // namespace banach::metrics
