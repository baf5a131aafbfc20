#include <banach/models/snn_rules.hpp>
#include <banach/models/snn_weights.hpp>
#include <banach/snn/backward_gain.hpp>
#include <banach/snn/domains.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace banach::snn::detail {
namespace {

using Findings = std::vector<Finding>;

// Once, however often a shared layer is called.
void add(Findings& findings, Severity severity, const LayerNode& node, const std::string& what,
         const std::string& fix) {
  const Finding finding{severity, node.call.path, what, fix};
  const auto is_same = [&](const Finding& other) { return other.str() == finding.str(); };
  if (std::ranges::none_of(findings, is_same)) findings.push_back(finding);
}

bool is_unknown(const LayerNode& node) {
  const bool has_activation = node.kind == LayerKind::linear || node.kind == LayerKind::activation;
  return node.kind == LayerKind::own || (has_activation && !node.activation);
}

// SELU's outputs, also behind AlphaDropout.
bool gives_selu(const Network& network, int position) {
  const LayerNode& node = network.node(position);
  if (node.kind != LayerKind::alpha_dropout) return node.selu.has_value();
  const auto is_selu = [&](int source) { return gives_selu(network, source); };
  return !node.sources.empty() && std::ranges::all_of(node.sources, is_selu);
}

double rate_of(const LayerNode& node) { return node.config.at("rate").as_double(); }

// ---- the weights of SELU's layers

// Whether weights have variance 1 / (inputs of a unit), whatever the layer's size, or at least at
// its size. Unknown is no reason to warn.
bool has_right_variance(const LayerNode& node, const Initializer& initializer) {
  const std::string& name = initializer.name();
  if (name.starts_with("Glorot") || name.starts_with("He")) return false;
  const auto sums = initial_sums(node);
  if (!sums) return name.starts_with("Lecun");
  const Domain domain = theorem_1_domain();
  return domain.tau.contains(sums->tau) && domain.omega.contains(sums->omega);
}

std::string variance_fix(const LayerNode& node) {
  if (!is_depthwise(node)) return "use .kernel_initializer = \"lecun_normal\"";
  return "use .depthwise_initializer = initializers::VarianceScaling({.scale = <channels>}), since "
         "Keras' fan_in counts all channels and a unit sees one";
}

// What the sum of squares is instead; Glorot's weights are right where units and inputs are as
// many.
std::string squares_of(const LayerNode& node) {
  const auto sums = initial_sums(node);
  if (!sums) return "";
  if (theorem_1_domain().tau.contains(sums->tau)) return " (but happens to, at this size)";
  return fmt::format(" (a unit's squares sum to {:.3g} on average, not 1)", sums->tau);
}

void check_initial_weights(const Evidence& evidence, Findings& findings) {
  for (const SeluUnit& unit : evidence.network.units) {
    if (unit.linear < 0) continue;
    const LayerNode& node = evidence.network.node(unit.linear);
    const char* option = kernel_initializer_name(node);
    const auto initializer = initializer_in(node.config, option);
    if (!initializer) {
      add(findings, Severity::note, node, fmt::format("its {} is a function of your own", option),
          "make sure that its weights have mean 0 and variance 1 / fan_in");
    } else if (!has_right_variance(node, *initializer)) {
      add(findings, Severity::warning, node,
          fmt::format("selu needs initial weights of variance 1 / fan_in, which {} does not give{}",
                      initializer->name(), squares_of(node)),
          variance_fix(node));
    }
  }
}

void check_bias(const Evidence& evidence, Findings& findings) {
  for (const SeluUnit& unit : evidence.network.units) {
    if (unit.linear < 0) continue;
    const LayerNode& node = evidence.network.node(unit.linear);
    const Json* use_bias = node.config.find("use_bias");
    if (use_bias != nullptr && !use_bias->as_bool()) continue;
    const auto initializer = initializer_in(node.config, "bias_initializer");
    if (!initializer || initializer->name() == "Zeros") continue;
    if (initializer->name() == "Constant" && initializer->config().at("value").as_double() == 0) {
      continue;
    }
    add(findings, Severity::warning, node,
        fmt::format("selu needs biases that begin at 0, bias_initializer is {}",
                    initializer->name()),
        "leave out .bias_initializer");
  }
}

// ---- what lies beside SELU's layers

// The nodes that feed a SELU's layer, or lie between its sums and the SELU, with its name.
std::map<int, std::string> nodes_before_selu(const Network& network) {
  std::map<int, std::string> result;
  for (const SeluUnit& unit : network.units) {
    const std::string name = network.node(unit.activation).call.path;
    for (int position = unit.activation; position >= 0;) {
      const LayerNode& node = network.node(position);
      for (const int source : node.sources) result.emplace(source, name);
      if (position == unit.linear || node.sources.size() != 1) break;
      if (unit.linear < 0) break;
      position = node.sources.front();
    }
  }
  return result;
}

// Calls `report(node, selu's name, whether the node is behind it)` for nodes of a kind.
template <class Report>
void for_each_beside(const Network& network, LayerKind kind, const Report& report) {
  const std::map<int, std::string> before = nodes_before_selu(network);
  for (int i = 0; i < static_cast<int>(network.nodes.size()); ++i) {
    const LayerNode& node = network.node(i);
    if (node.kind != kind) continue;
    const auto selu =
        std::ranges::find_if(node.sources, [&](int source) { return gives_selu(network, source); });
    if (selu != node.sources.end()) {
      report(node, network.node(*selu).call.path, true);
    } else if (const auto found = before.find(i); found != before.end()) {
      report(node, found->second, false);
    }
  }
}

void check_dropout(const Evidence& evidence, Findings& findings) {
  for_each_beside(
      evidence.network, LayerKind::dropout,
      [&](const LayerNode& node, const std::string& selu, bool behind) {
        const double rate = rate_of(node);
        if (rate == 0) return;
        add(findings, Severity::warning, node,
            fmt::format("Dropout {} '{}' changes the mean and variance that selu keeps",
                        behind ? "behind" : "in front of", selu),
            behind ? fmt::format("use AlphaDropout({})", rate)
                   : fmt::format("use AlphaDropout({}) behind a selu layer instead", rate));
      });
}

// The inputs, and what only scales them.
bool is_data(const LayerNode& node) {
  return node.kind == LayerKind::input || node.kind == LayerKind::scaling;
}

// In front of everything it standardises the data, as it should be.
bool is_on_inputs(const Network& network, const LayerNode& node) {
  return std::ranges::all_of(node.sources,
                             [&](int position) { return is_data(network.node(position)); });
}

void check_batch_normalization(const Evidence& evidence, Findings& findings) {
  for_each_beside(evidence.network, LayerKind::batch_normalization,
                  [&](const LayerNode& node, const std::string& selu, bool behind) {
                    if (is_on_inputs(evidence.network, node)) return;
                    add(findings, Severity::warning, node,
                        fmt::format("BatchNormalization {} '{}' normalizes what selu normalizes",
                                    behind ? "behind" : "in front of", selu),
                        "leave it out, or use another activation with it");
                  });
}

// ---- AlphaDropout

void check_alpha_dropout(const Evidence& evidence, Findings& findings) {
  const Network& network = evidence.network;
  for (const LayerNode& node : network.nodes) {
    if (node.kind != LayerKind::alpha_dropout || rate_of(node) == 0) continue;
    std::string wrong = node.sources.empty() ? "the input" : "";
    for (const int source : node.sources) {
      const LayerNode& before = network.node(source);
      if (is_unknown(before) || gives_selu(network, source)) continue;
      wrong = fmt::format("'{}' ({})", before.call.path, before.call.layer->class_name());
    }
    if (wrong.empty()) continue;
    add(findings, Severity::warning, node,
        fmt::format("AlphaDropout keeps mean and variance of selu's outputs, but it is behind {}",
                    wrong),
        "use Dropout there, or selu in that layer");
  }
}

void check_fixed_point(const Evidence& evidence, Findings& findings) {
  const Network& network = evidence.network;
  for (const LayerNode& node : network.nodes) {
    if (node.kind != LayerKind::alpha_dropout) continue;
    FixedPoint kept;
    if (const Json* given = node.config.find("fixed_point")) from_json(*given, kept);
    for (const int source : node.sources) {
      const auto& selu = network.node(source).selu;
      if (!selu || *selu == kept) continue;
      add(findings, Severity::warning, node,
          fmt::format("AlphaDropout keeps mean {:.3g} and variance {:.3g}, '{}' has {:.3g} and "
                      "{:.3g}",
                      kept.mean, kept.variance, network.node(source).call.path, selu->mean,
                      selu->variance),
          "give both the same .fixed_point");
    }
  }
}

void note_large_rates(const Evidence& evidence, Findings& findings) {
  constexpr double kLargest = 0.1;  // Klambauer et al. 2017 recommend 0.05 to 0.1
  for (const LayerNode& node : evidence.network.nodes) {
    if (evidence.network.units.empty() || node.kind != LayerKind::alpha_dropout) continue;
    if (rate_of(node) <= kLargest) continue;
    add(findings, Severity::note, node,
        fmt::format("a rate of {} is above the 0.05 to 0.1 that the paper recommends",
                    rate_of(node)),
        "try a smaller one if training is slow");
  }
}

// ---- the whole

void note_depth(const Evidence& evidence, Findings& findings) {
  constexpr int kDeep = 32;  // gradients grow by 8.5 on their way to the first of them
  std::vector<int> depths;
  const LayerNode* deepest = nullptr;
  int largest = 0;
  for (const LayerNode& node : evidence.network.nodes) {
    int depth = 0;
    for (const CallOutput& input : node.call.inputs) {
      depth = std::max(depth, depths[static_cast<std::size_t>(input.call)]);
    }
    depths.push_back(depth + (node.selu ? 1 : 0));
    if (depths.back() <= largest) continue;
    largest = depths.back();
    deepest = &node;
  }
  if (largest < kDeep) return;
  add(findings, Severity::note, *deepest,
      fmt::format("it is the last of {} selu layers in a row; each multiplies the mean square of "
                  "gradients by {:.4f}, all by {:.3g}",
                  largest, backward_gain(), gradient_growth(largest - 1)),
      "train with small steps, such as SGD(3e-3) or Adam(1e-4)");
}

void note_own_layers(const Evidence& evidence, Findings& findings) {
  if (evidence.network.units.empty()) return;
  for (const LayerNode& node : evidence.network.nodes) {
    if (node.kind != LayerKind::own) continue;
    add(findings, Severity::note, node,
        fmt::format("{} is a class of your own and was skipped", node.call.layer->class_name()),
        "make sure that it keeps mean 0 and variance 1");
  }
}

// ---- what was measured

void note_inputs(const Evidence& evidence, Findings& findings) {
  if (evidence.measured.empty()) return;
  const Domain domain = theorem_1_domain();
  for (const SeluUnit& unit : evidence.network.units) {
    if (unit.linear < 0) continue;
    for (const int position : evidence.network.node(unit.linear).sources) {
      const auto& statistics = evidence.measured[static_cast<std::size_t>(position)];
      const LayerNode& source = evidence.network.node(position);
      const auto [mean, variance] = statistics.moments();
      const bool standardised = domain.mu.contains(mean) && domain.nu.contains(variance);
      if (!is_data(source) || standardised || statistics.not_finite() > 0) continue;
      add(findings, Severity::note, source,
          fmt::format("the data has mean {:.3g} and variance {:.3g}, not 0 and 1", mean, variance),
          "standardise it: (x - mean) / standard deviation");
    }
  }
}

void check_finite(const Evidence& evidence, Findings& findings) {
  for (std::size_t i = 0; i < evidence.measured.size(); ++i) {
    const ActivationStatistics& statistics = evidence.measured[i];
    if (statistics.not_finite() == 0) continue;
    const LayerNode& node = evidence.network.nodes[i];
    const bool data = node.kind == LayerKind::input;
    return add(findings, Severity::warning, node,
               fmt::format("{} of {} {} are NaN or infinite, {}", statistics.not_finite(),
                           statistics.count(), data ? "numbers of the data" : "outputs",
                           data ? "before any layer" : "in the first layer that gives any"),
               data ? "clean the data" : "look at its weights; train with smaller steps");
  }
}

// Every rule. One that needs data does nothing without.
constexpr void (*kRules[])(const Evidence&, Findings&) = {
    check_initial_weights, check_bias,        check_dropout,   check_batch_normalization,
    check_alpha_dropout,   check_fixed_point, check_finite,    note_large_rates,
    note_inputs,           note_depth,        note_own_layers,
};

}  // namespace

std::vector<Finding> apply_rules(const Evidence& evidence) {
  Findings findings;
  for (const auto rule : kRules) rule(evidence, findings);
  return findings;
}

}  // namespace banach::snn::detail
