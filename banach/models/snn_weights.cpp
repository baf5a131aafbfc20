#include <banach/core/fields.hpp>
#include <banach/models/snn_weights.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace banach::snn::detail {
namespace {

// Of the initializers whose variance is scale / fan.
struct Scaling {
  std::string name;
  double scale = 1;
  std::string mode = "fan_in";
};

std::optional<Scaling> scaling_of(const Initializer& initializer) {
  static const Scaling kScalings[] = {{"LecunNormal"},
                                      {"LecunUniform"},
                                      {"HeNormal", 2},
                                      {"HeUniform", 2},
                                      {"GlorotNormal", 1, "fan_avg"},
                                      {"GlorotUniform", 1, "fan_avg"}};
  Scaling scaling{initializer.name()};
  if (scaling.name == "VarianceScaling") {
    scaling.scale = initializer.config().at("scale").as_double();
    scaling.mode = initializer.config().at("mode").as_string();
    return scaling;
  }
  const auto found = std::ranges::find(kScalings, scaling.name, &Scaling::name);
  return found == std::end(kScalings) ? std::nullopt : std::optional(*found);
}

// Mean and variance of one weight.
std::optional<Moments> weight_moments(const Initializer& initializer) {
  const std::string& name = initializer.name();
  const auto argument = [&](const char* key) { return initializer.config().at(key).as_double(); };
  if (name == "Zeros") return Moments{0, 0};
  if (name == "Ones") return Moments{1, 0};
  if (name == "Constant") return Moments{argument("value"), 0};
  if (name == "RandomNormal") return Moments{argument("mean"), std::pow(argument("stddev"), 2)};
  if (name == "TruncatedNormal") {
    constexpr double kTruncatedStddev = 0.87962566103423978;  // of a unit normal cut at +-2
    return Moments{argument("mean"), std::pow(argument("stddev") * kTruncatedStddev, 2)};
  }
  if (name == "RandomUniform") {
    const double low = argument("minval"), high = argument("maxval");
    return Moments{(low + high) / 2, (high - low) * (high - low) / 12};
  }
  return {};
}

// How many inputs a unit sums over. Keras' fan_in counts all channels of a depthwise kernel, of
// which a unit sees one.
double inputs_of_unit(const LayerNode& node, const Shape& kernel) {
  const double fan_in = initializers::compute_fans(kernel).in;
  return is_depthwise(node) ? fan_in / static_cast<double>(kernel[2]) : fan_in;
}

double fan(const Shape& kernel, const std::string& mode) {
  const initializers::Fans fans = initializers::compute_fans(kernel);
  if (mode == "fan_in") return fans.in;
  return mode == "fan_out" ? fans.out : (fans.in + fans.out) / 2;
}

std::optional<Variable> weight(const LayerNode& node, const std::string& name) {
  for (const Variable& variable : node.call.layer->own_weights()) {
    if (variable.name().ends_with("/" + name)) return variable;
  }
  return {};
}

}  // namespace

std::optional<Shape> kernel_shape(const LayerNode& node) {
  const auto kernel = weight(node, "kernel");
  return kernel ? std::optional(kernel->shape()) : std::nullopt;
}

std::optional<WeightSums> initial_sums(const LayerNode& node) {
  const auto initializer = initializer_in(node.config, kernel_initializer_name(node));
  if (!initializer) return {};
  const auto kernel = kernel_shape(node);
  if (const auto scaling = scaling_of(*initializer)) {
    if (scaling->mode == "fan_in" && !is_depthwise(node)) return WeightSums{0, scaling->scale};
    if (!kernel) return {};
    const double inputs = inputs_of_unit(node, *kernel);
    return WeightSums{0, inputs * scaling->scale / fan(*kernel, scaling->mode)};
  }
  const auto moments = weight_moments(*initializer);
  if (!moments || !kernel) return {};
  const double inputs = inputs_of_unit(node, *kernel);
  return WeightSums{inputs * moments->mean,
                    inputs * (moments->variance + moments->mean * moments->mean)};
}

std::vector<WeightSums> unit_sums(const LayerNode& node) {
  const auto kernel = weight(node, "kernel");
  if (!kernel) return {};
  const Shape& shape = kernel->shape();
  const std::int64_t units = is_depthwise(node) ? shape[2] * shape[3] : shape[-1];
  std::vector<WeightSums> sums(static_cast<std::size_t>(units), WeightSums{0, 0});
  const Array values = kernel->value();
  visit_dtype(values.dtype(), [&]<class T>() {
    const auto weights = values.values<T>();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const auto w = static_cast<double>(weights[i]);
      WeightSums& unit = sums[i % sums.size()];
      unit.omega += w;
      unit.tau += w * w;
    }
  });
  return sums;
}

std::vector<double> unit_biases(const LayerNode& node, std::size_t units) {
  std::vector<double> biases(units, 0);
  const auto bias = weight(node, "bias");
  if (!bias) return biases;
  const Array values = bias->value();
  for (std::size_t i = 0; i < units; ++i) biases[i] = values.flat(static_cast<std::int64_t>(i));
  return biases;
}

}  // namespace banach::snn::detail
