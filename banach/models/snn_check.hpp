#pragma once

#include <banach/core/json.hpp>
#include <banach/models/model.hpp>
#include <banach/snn/moments.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banach::snn {

enum class Severity {
  note,    ///< to know of: theory does not cover it, practice often does
  warning  ///< the network does not keep mean and variance
};

/// One thing that stands against self-normalization.
struct Finding {
  Severity severity = Severity::note;
  std::string layer;  ///< "dense_1", "encoder/dense" inside a model
  std::string what, fix;

  std::string str() const;  ///< "dense_1: what: fix", one line
};

/// The sums of the weights of a layer's units (a filter is one), over the units.
struct UnitSums {
  std::int64_t units = 0;
  WeightSums mean, spread;  ///< spread: standard deviation
  /// The share of units that are inside theorem 1's domain one by one. With random weights omega is
  /// N(0, 1), so it is small even in good networks: omega matters only times the inputs' mean.
  double inside = 0;
};

/// What the check knows of a call of a layer.
struct LayerReport {
  std::string name, class_name;
  bool selu = false;
  /// Of the outputs, without dropout, by theory, for inputs of mean 0 and variance 1 or those of
  /// the data; none where theory says nothing.
  std::optional<Moments> expected = {};
  std::optional<Moments> measured = {};  ///< on the data, if any; NaN with values that are
  std::optional<UnitSums> weights = {};  ///< of a SELU's layer, once it is built
  /// Which of "mean", "variance" (of the inputs, measured or else expected), "omega" and "tau" (the
  /// averages over units, give or take two standard errors) are outside theorem 1's domain. None
  /// where there are no weights, or SELU has another fixed point than the theorem's.
  std::optional<std::vector<std::string>> outside = {};
};

/// Whether a model normalizes itself.
struct CheckReport {
  std::string model;
  bool has_selu = false;  ///< else there was nothing to check but AlphaDropout
  std::vector<Finding> findings = {};
  std::vector<LayerReport> layers = {};

  std::int64_t count(Severity severity) const;
  std::string str() const;  ///< the findings, then a table of the layers
};

Json to_json(const CheckReport& report);

/// Checks how a model is made: initial weights of SELU's layers, Dropout, BatchNormalization and
/// AlphaDropout around them, biases, depth; and where it is built the sums of its weights. The list
/// of rules is in snn_rules.cpp. Layers of your own are skipped, with a note.
CheckReport check(const Model& model);

/// The same, and what its layers give for these samples: builds the model when it is not.
/// InvalidArgument when x does not fit. NaN is a warning that names the first layer with any.
CheckReport check(const Model& model, const Arrays& x);

/// What Model::compile does.
void check_at_compile(const Model& model, SnnCheck mode);

}  // namespace banach::snn
