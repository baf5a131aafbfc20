#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/models/layer_outputs.hpp>
#include <banach/models/snn_check.hpp>
#include <banach/models/snn_moments.hpp>
#include <banach/models/snn_rules.hpp>
#include <banach/models/snn_weights.hpp>
#include <banach/snn/domains.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach::snn {
namespace {

using namespace detail;

constexpr std::int64_t kBatch = 128;

UnitSums statistics_of(const std::vector<WeightSums>& units, const Moments& inputs) {
  UnitSums result{.units = static_cast<std::int64_t>(units.size()), .mean = {0, 0}, .spread = {}};
  const auto count = static_cast<double>(units.size());
  WeightSums squares{0, 0};
  for (const WeightSums& unit : units) {
    result.mean.omega += unit.omega / count;
    result.mean.tau += unit.tau / count;
    if (theorem_1_domain().contains(inputs, unit)) result.inside += 1 / count;
  }
  for (const WeightSums& unit : units) {
    squares.omega += std::pow(unit.omega - result.mean.omega, 2) / count;
    squares.tau += std::pow(unit.tau - result.mean.tau, 2) / count;
  }
  result.spread = {std::sqrt(squares.omega), std::sqrt(squares.tau)};
  return result;
}

bool is_near(const Interval& interval, double average, double spread, std::int64_t units) {
  const double error = 2 * spread / std::sqrt(static_cast<double>(units));
  return interval.low - error <= average && average <= interval.high + error;
}

std::vector<std::string> outside_theorem_1(const UnitSums& w, const std::optional<Moments>& x) {
  const Domain domain = theorem_1_domain();
  std::vector<std::string> outside;
  if (x && !domain.mu.contains(x->mean)) outside.emplace_back("mean");
  if (x && !domain.nu.contains(x->variance)) outside.emplace_back("variance");
  if (!is_near(domain.omega, w.mean.omega, w.spread.omega, w.units)) outside.emplace_back("omega");
  if (!is_near(domain.tau, w.mean.tau, w.spread.tau, w.units)) outside.emplace_back("tau");
  return outside;
}

// Of what enters a layer of one input: measured, or else expected.
std::optional<Moments> input_moments(const std::vector<LayerReport>& layers,
                                     const LayerNode& node) {
  if (node.call.inputs.empty()) return Moments{};
  if (node.call.inputs.size() > 1) return {};
  const auto& input = layers[static_cast<std::size_t>(node.call.inputs.front().call)];
  return input.measured ? input.measured : input.expected;
}

void report_weights(const Network& network, const SeluUnit& unit,
                    std::vector<LayerReport>& layers) {
  if (unit.linear < 0) return;
  const LayerNode& linear = network.node(unit.linear);
  const std::vector<WeightSums> sums = unit_sums(linear);
  if (sums.empty()) return;
  LayerReport& report = layers[static_cast<std::size_t>(unit.activation)];
  const std::optional<Moments> inputs = input_moments(layers, linear);
  report.weights = statistics_of(sums, inputs.value_or(Moments{}));
  if (network.node(unit.activation).selu == FixedPoint{}) {
    report.outside = outside_theorem_1(*report.weights, inputs);
  }
}

// What is measured of the data is what theory starts from.
std::vector<Moments> data_moments(const Evidence& evidence) {
  std::vector<Moments> moments;
  if (evidence.measured.empty()) return moments;
  for (const int input : evidence.network.inputs) {
    moments.push_back(evidence.measured[static_cast<std::size_t>(input)].moments());
  }
  return moments;
}

CheckReport report_of(const Model& model, const Evidence& evidence) {
  const Network& network = evidence.network;
  CheckReport report{.model = model.name(), .has_selu = !network.units.empty()};
  report.findings = apply_rules(evidence);
  const auto expected = expected_moments(network, {.inputs = data_moments(evidence)});
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const LayerNode& node = network.nodes[i];
    report.layers.push_back({.name = node.call.name,
                             .class_name = node.call.layer->class_name(),
                             .selu = node.selu.has_value(),
                             .expected = expected[i]});
    if (!evidence.measured.empty()) report.layers.back().measured = evidence.measured[i].moments();
  }
  for (const SeluUnit& unit : network.units) report_weights(network, unit, report.layers);
  return report;
}

std::vector<std::string> warnings_about(const Model& model) {
  std::vector<std::string> lines;
  const Network network = network_of(layer_calls(model));
  for (const Finding& finding : apply_rules({network})) {
    if (finding.severity == Severity::warning) lines.push_back(finding.str());
  }
  return lines;
}

}  // namespace

CheckReport check(const Model& model) {
  const Network network = network_of(layer_calls(model));
  return report_of(model, {network});
}

CheckReport check(const Model& model, const Arrays& given) {
  const std::vector<Array> x = given.in_order(model.input_names(), "snn::check", "x");
  // Tracing changes nothing that a caller can see: handles are shared, weights only read.
  LayerOutputs outputs(const_cast<Model&>(model), x);
  const Network network = network_of(outputs.layers());
  Evidence evidence{network, std::vector<ActivationStatistics>(network.nodes.size())};
  if (!network.nodes.empty()) {
    outputs.run(x, kBatch, [&](std::size_t call, const Array& values) {
      evidence.measured[call].add(values);
    });
  }
  return report_of(model, evidence);
}

void check_at_compile(const Model& model, SnnCheck mode) {
  if (mode == SnnCheck::off) return;
  const std::vector<std::string> lines = warnings_about(model);
  if (mode == SnnCheck::warn) {
    for (const std::string& line : lines) warn(fmt::format("[{}] {}", model.name(), line));
  } else if (!lines.empty()) {
    throw InvalidArgument(
        fmt::format("[{}] it does not normalize itself: {}", model.name(), fmt::join(lines, "; ")));
  }
}

}  // namespace banach::snn
