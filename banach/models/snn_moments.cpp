#include <banach/models/snn_moments.hpp>
#include <banach/models/snn_weights.hpp>
#include <banach/snn/alpha_dropout.hpp>
#include <banach/snn/mean_variance_map.hpp>

#include <algorithm>
#include <cmath>

namespace banach::snn::detail {
namespace {

// What is known of a call's output.
struct Expected {
  Moments moments;
  bool normal = false;  // weighted sums are
};
using Maybe = std::optional<Expected>;

// Of units that are equally many values of a layer's output.
Moments pooled(const std::vector<Moments>& units) {
  Moments all{0, 0};
  const auto count = static_cast<double>(units.size());
  for (const Moments& unit : units) all.mean += unit.mean / count;
  for (const Moments& unit : units) {
    all.variance += (unit.variance + std::pow(unit.mean - all.mean, 2)) / count;
  }
  return all;
}

// ReLU is SELU's formula with alpha 0, ELU with 1.
std::optional<SeluConstants> constants_of(const ActivationFunction& activation,
                                          const std::optional<FixedPoint>& selu) {
  if (selu) return detail::constants_of(*selu);
  if (activation.name() == "relu") return SeluConstants{0, 1};
  if (activation.name() == "elu") return SeluConstants{1, 1};
  return {};
}

// Of f(z) for normal z.
Maybe activated(const LayerNode& node, const Moments& z) {
  if (!node.activation) return {};
  if (node.activation->name() == "linear") return Expected{z, true};
  const auto constants = constants_of(*node.activation, node.selu);
  if (!constants) return {};
  return Expected{mean_variance_map(z, {1, 1}, *constants), false};
}

Maybe through_initial_weights(const LayerNode& node, const Moments& x) {
  const auto sums = initial_sums(node);
  if (!sums || x.variance == 0) return {};
  return activated(node, net_input("snn", x, random_weights(x, sums->tau)));
}

Maybe through_linear(const LayerNode& node, const Expected& x) {
  const std::vector<WeightSums> sums = unit_sums(node);
  if (sums.empty()) return through_initial_weights(node, x.moments);
  const std::vector<double> biases = unit_biases(node, sums.size());
  std::vector<Moments> units;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (!std::isfinite(sums[i].omega + sums[i].tau + biases[i])) return {};
    Moments z = net_input("snn", x.moments, sums[i]);
    z.mean += biases[i];
    const Maybe unit = activated(node, z);
    if (!unit) return {};
    units.push_back(unit->moments);
  }
  return Expected{pooled(units), node.activation->name() == "linear"};
}

double option(const LayerNode& node, const char* name) { return node.config.at(name).as_double(); }

Maybe through_alpha_dropout(const LayerNode& node, const Expected& x) {
  FixedPoint target;
  if (const Json* given = node.config.find("fixed_point")) from_json(*given, target);
  const double rate = option(node, "rate"), keep = 1 - rate;
  const double dropped = detail::constants_of(target).limit();
  const AffineMap map = alpha_dropout_map(rate, target, dropped);
  const auto& [mean, variance] = x.moments;
  const double mixed = keep * (rate * std::pow(dropped - mean, 2) + variance);
  return Expected{{map.a * (keep * mean + rate * dropped) + map.b, map.a * map.a * mixed}};
}

Maybe through_dropout(const LayerNode& node, const Expected& x) {
  const double rate = option(node, "rate");
  if (rate == 1) return Expected{{0, 0}};
  const auto& [mean, variance] = x.moments;
  return Expected{{mean, (variance + rate * mean * mean) / (1 - rate)}};
}

// gamma and beta are what it makes of each channel.
Maybe through_batch_normalization(const LayerNode& node, bool normal) {
  std::vector<Moments> channels{{0, 1}};
  for (const Variable& variable : node.call.layer->own_weights()) {
    const bool gamma = variable.name().ends_with("/gamma"),
               beta = variable.name().ends_with("/beta");
    if (!gamma && !beta) continue;
    channels.resize(static_cast<std::size_t>(variable.size()), {0, 1});
    const Array values = variable.value();
    for (std::size_t i = 0; i < channels.size(); ++i) {
      const double value = values.flat(static_cast<std::int64_t>(i));
      if (gamma) channels[i].variance = value * value;
      if (beta) channels[i].mean = value;
    }
  }
  return Expected{pooled(channels), normal};
}

Maybe through_rescaling(const LayerNode& node, const Expected& x) {
  const double scale = option(node, "scale"), offset = option(node, "offset");
  return Expected{{x.moments.mean * scale + offset, x.moments.variance * scale * scale}, x.normal};
}

bool keeps_values(const std::string& class_name) {
  return class_name == "Flatten" || class_name == "Reshape" || class_name == "Permute" ||
         class_name == "Identity";
}

Maybe expected_of(const LayerNode& node, const Maybe& x, bool training) {
  if (node.kind == LayerKind::batch_normalization) {
    return through_batch_normalization(node, x && x->normal);
  }
  if (!x || node.call.inputs.size() > 1) return {};
  if (node.kind == LayerKind::linear) return through_linear(node, *x);
  if (node.kind == LayerKind::activation) return x->normal ? activated(node, x->moments) : Maybe();
  if (node.kind == LayerKind::alpha_dropout) {
    return training ? through_alpha_dropout(node, *x) : x;
  }
  if (node.kind == LayerKind::dropout) return training ? through_dropout(node, *x) : x;
  const std::string class_name = node.call.layer->class_name();
  if (node.kind == LayerKind::scaling) {
    return class_name == "Rescaling" ? through_rescaling(node, *x) : Maybe();
  }
  return node.kind == LayerKind::passing && keeps_values(class_name) ? x : Maybe();
}

// Beyond, a network has exploded, and products would be no numbers.
bool is_usable(const Maybe& x) {
  constexpr double kLargest = 1e100;
  return x && std::abs(x->moments.mean) < kLargest && x->moments.variance < kLargest;
}

}  // namespace

std::vector<std::optional<Moments>> expected_moments(const Network& network,
                                                     const ExpectOptions& options) {
  std::vector<Maybe> expected;
  std::vector<std::optional<Moments>> result;
  std::size_t inputs = 0;
  for (const LayerNode& node : network.nodes) {
    Maybe value = Expected{};
    if (node.kind == LayerKind::input) {
      if (inputs < options.inputs.size()) value->moments = options.inputs[inputs];
      ++inputs;
    } else {
      const bool first = node.call.inputs.empty();  // of a model that is not built
      const Maybe x = first ? value : expected[static_cast<std::size_t>(node.call.inputs[0].call)];
      value = expected_of(node, x, options.training);
    }
    if (!is_usable(value)) value.reset();
    result.push_back(value ? std::optional(value->moments) : std::nullopt);
    expected.push_back(std::move(value));
  }
  return result;
}

}  // namespace banach::snn::detail
