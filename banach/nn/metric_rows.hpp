#pragma once

#include <banach/core/fields.hpp>
#include <banach/nn/metrics.hpp>
#include <banach/nn/serialization.hpp>

#include <span>

namespace banach::metrics {

inline void describe(Fields& fields, MetricOptions& options) { fields("name", options.name); }

namespace detail {

/// A class of keras.metrics: what it is called when it is given no name, and what a config makes.
struct MetricRow {
  const char* name;
  const char* class_name;
  Metric (*read)(Fields& fields);
};

std::span<const MetricRow> accuracy_rows();
std::span<const MetricRow> mean_rows();
std::span<const MetricRow> regression_rows();
std::span<const MetricRow> confusion_rows();
std::span<const MetricRow> f_score_rows();

/// A row's `read`: options are described by `void describe(Fields&, Options&)`, found beside them.
template <class Options, Metric (*make)(const Options&)>
Metric read(Fields& fields) {
  Options options;
  describe(fields, options);
  return make(options);
}

template <class Options>
Json config_of(const char* class_name, Options options) {
  Fields fields;
  describe(fields, options);
  return serialized("keras.metrics", class_name, fields.written());
}

/// `options` with the name that goes without saying.
template <class Options>
Options named(Options options, const char* name) {
  if (options.name.empty()) options.name = name;
  return options;
}

/// Weights (batch,) for values (batch, ...), of which each gets its sample's.
Tensor weights_like(const Tensor& weights, const Tensor& values);

}  // namespace detail
}  // namespace banach::metrics
