#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/io/self_test.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

constexpr std::int64_t kSamples = 3;
constexpr std::int64_t kMostValues = 1 << 16;  // of one input; more would swell the file
constexpr std::int64_t kOpenSize = 16;         // of a dimension that the model leaves open

// Values are multiples of 2^-8 in [-2, 2): exact in every dtype.
Array probe(Shape shape, std::uint64_t seed) {
  shape[0] = kSamples;
  for (int axis = 1; axis < shape.rank(); ++axis) {
    if (shape[axis] < 0) shape[axis] = kOpenSize;
  }
  Array x(shape);
  RandomGenerator random(seed);
  for (float& value : x.mutable_values<float>()) {
    value = static_cast<float>(std::floor(random.uniform() * 1024) / 256 - 2);
  }
  return x;
}

// Relative to the largest value, or to 1 where all are smaller.
double difference(const Array& a, const Array& b) {
  double largest = 0, scale = 1;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    const double d = std::abs(a.flat(i) - b.flat(i));
    const bool both_nan = std::isnan(a.flat(i)) && std::isnan(b.flat(i));
    if (std::isnan(d) && !both_nan && a.flat(i) != b.flat(i)) return INFINITY;
    if (!std::isnan(d)) largest = std::max(largest, d);
    if (std::isfinite(b.flat(i))) scale = std::max(scale, std::abs(b.flat(i)));
  }
  return largest / scale;
}

std::string numbered(const char* letter, std::size_t i) { return letter + std::to_string(i); }

std::vector<Array> inputs_of(const Probes& probes) {
  std::vector<Array> inputs;
  for (std::size_t i = 0; probes.contains(numbered("x", i)); ++i) {
    inputs.push_back(probes.at(numbered("x", i)));
  }
  return inputs;
}

// Of inputs that a file brings.
std::vector<Array> outputs_for(const Model& model, const Probes& probes, const std::string& file) {
  try {
    return model.predict_outputs(inputs_of(probes));
  } catch (const InvalidArgument& error) {
    throw Corruption(fmt::format("{}: self-test: {}", file, error.what()));
  }
}

}  // namespace

double rounding_tolerance(const Model& model) {
  double tolerance = 1e-3;
  for (const auto& layer : model.layers()) {
    if (layer->compute_dtype() == float16) tolerance = std::max(tolerance, 0.0125);
    if (layer->compute_dtype() == bfloat16) tolerance = std::max(tolerance, 0.1);
  }
  return tolerance;
}

Probes make_probes(const Model& model) {
  Probes probes;
  std::vector<Array> inputs;
  for (const Shape& shape : model.input_shapes()) {
    inputs.push_back(probe(shape, inputs.size()));
    if (inputs.back().size() > kMostValues) return {};
  }
  if (inputs.empty()) return {};
  const std::vector<Array> outputs = model.predict_outputs(inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) probes[numbered("x", i)] = inputs[i];
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].size() > kMostValues) return {};
    probes[numbered("y", i)] = outputs[i];
  }
  return probes;
}

void check_probes(const Model& model, const Probes& probes, const std::string& file) {
  if (probes.empty()) return;
  const std::vector<Array> outputs = outputs_for(model, probes, file);
  const double tolerance = rounding_tolerance(model);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto found = probes.find(numbered("y", i));
    const bool fits = found != probes.end() && found->second.shape() == outputs[i].shape();
    const double off = fits ? difference(outputs[i], found->second) : INFINITY;
    if (off <= tolerance) continue;
    throw Corruption(fmt::format(
        "{}: self-test: output {} differs by {:.3g} from what the model gave when it was saved, at "
        "most {:g} is rounding. The file is damaged, or load it with {{.self_test = false}}",
        file, i, off, tolerance));
  }
}

}  // namespace banach
