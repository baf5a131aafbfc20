#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/registry.hpp>
#include <banach/models/sequential.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/reduce.hpp>
#include <tests/support/check_layer.hpp>
#include <tests/support/check_op.hpp>
#include <tests/support/tolerance.hpp>

#include <cmath>
#include <doctest/doctest.h>

namespace banach::testing {
namespace {

constexpr std::uint64_t kSeed = 11;

// Fixed, uneven numbers: cotangents and directions.
Array uneven(const Shape& shape, DType dtype) {
  Array result(shape, float64);
  double x = 0.3;
  for (double& value : result.mutable_values<double>()) value = std::sin(x += 0.7);
  return result.astype(dtype);
}

double dot(const Array& a, const Array& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) sum += a.flat(i) * b.flat(i);
  return sum;
}

bool same(const std::vector<Array>& a, const std::vector<Array>& b) {
  bool result = a.size() == b.size();
  for (std::size_t i = 0; result && i < a.size(); ++i) result = max_abs_difference(a[i], b[i]) == 0;
  return result;
}

void check_building(Layer& layer, const Array& x) {
  CHECK(layer.name().starts_with(to_snake_case(layer.class_name())));
  CHECK_FALSE(layer.is_built());
  CHECK(layer.weights().empty());
  layer.compute_output_shape(x.shape().with(0, kUnknown));
  CHECK(layer.is_built());
  const std::vector<Variable> weights = layer.weights();
  for (const Variable& weight : weights) {
    CHECK(weight.name().starts_with(layer.name() + "/"));
    const bool is_counter = weight.dtype() == int32 && weight.shape().rank() == 0;
    CHECK((weight.dtype() == layer.dtype() || is_counter));
  }
  layer.compute_output_shape(x.shape());
  CHECK(layer.weights() == weights);
}

void check_shapes(Layer& layer, const Array& x) {
  const Shape announced = layer.compute_output_shape(x.shape().with(0, kUnknown));
  for (const bool training : {false, true}) {
    const Array y = layer(x, {.training = training});
    CHECK(y.shape().with(0, kUnknown).str() == announced.str());
    CHECK(y.dim(0) == layer.compute_output_shape(x.shape())[0]);
    CHECK(y.dtype() == layer.dtype());
  }
}

void check_weights(Layer& layer) {
  std::int64_t count = 0;
  for (const Variable& weight : layer.weights()) count += weight.size();
  CHECK(layer.count_params() == count);
  CHECK(layer.trainable_weights().size() + layer.non_trainable_weights().size() ==
        layer.weights().size());

  const std::vector<Array> values = layer.get_weights();
  std::vector<Array> others;
  for (const Array& value : values) others.push_back(value + 1);
  layer.set_weights(others);
  CHECK(same(layer.get_weights(), others));
  layer.set_weights(values);
  CHECK(same(layer.get_weights(), values));
  others.emplace_back();
  CHECK_THROWS_AS(layer.set_weights(others), InvalidArgument);
}

void check_clone(Layer& layer) {
  const std::shared_ptr<Layer> clone = layer.clone();
  CHECK(clone->class_name() == layer.class_name());
  CHECK(clone->name() == layer.name());
  CHECK(clone->weights() == layer.weights());
}

void check_inference(Layer& layer, const Array& x) {
  const Array y = layer(x);
  CHECK(same({layer(x)}, {y}));
  Sequential model;
  model.add(layer);
  CHECK(relative_difference(model.predict(x), y) <= Tolerance::kFloat32);
}

// A layer made from the config and the weights computes the same.
void check_config(Layer& layer, const Array& x) {
  const Json serialized = serialize_layer(layer);
  const std::shared_ptr<Layer> again = deserialize_layer(serialized);
  CHECK(serialize_layer(*again) == serialized);
  const Array y = layer(x);
  again->compute_output_shape(x.shape());
  again->set_weights(layer.get_weights());
  CHECK(same({(*again)(x)}, {y}));
}

// A layer as a function, and how to move it and its input along a direction.
struct Probe {
  Layer& layer;
  Array x;
  bool training;

  Derivatives run() const {
    const Shape shape = layer.compute_output_shape(x.shape());
    return differentiate([this](const Tensor& t) { return layer(t, {.training = training}); }, x,
                         uneven(shape, x.dtype()), layer.trainable_weights());
  }
  double total() const {
    const Array y = run().y;
    return dot(y, uneven(y.shape(), float64));
  }
};

void compare(const std::string& what, double slope, double above, double below, double step) {
  INFO("gradient of ", what);
  const double numeric = (above - below) / (2 * step);
  CHECK(std::abs(slope - numeric) <= Tolerance::kGradient * std::max(1.0, std::abs(numeric)));
}

void check_gradients(Layer& layer, const Array& x, bool training) {
  constexpr double kStep = 1e-5;
  INFO("training ", training);
  const Derivatives derivatives = Probe{layer, x, training}.run();
  const Array direction = uneven(x.shape(), x.dtype());
  compare("the input", dot(derivatives.dx, direction),
          Probe{layer, x + direction * kStep, training}.total(),
          Probe{layer, x - direction * kStep, training}.total(), kStep);
  std::size_t next = 0;
  for (Variable weight : layer.trainable_weights()) {
    const Array value = weight.value(), along = uneven(value.shape(), value.dtype());
    weight.assign(value + along * kStep);
    const double above = Probe{layer, x, training}.total();
    weight.assign(value - along * kStep);
    const double below = Probe{layer, x, training}.total();
    weight.assign(value);
    compare(weight.name(), dot(derivatives.dw[next++], along), above, below, kStep);
  }
}

// Values of these variables after one step of a model of this layer alone.
void train_once(Layer& layer, const Array& x) {
  Sequential model;
  model.add(layer);
  model.compile({.loss = "mean_squared_error", .optimizer = optimizers::SGD(0.1)});
  const Array y = Array::full(layer.compute_output_shape(x.shape()), 0.5, layer.dtype());
  const std::vector<double> loss = model.train_on_batch(x, y);
  CHECK(std::isfinite(loss.at(0)));
}

void check_training(Layer& layer, const Array& x) {
  const std::vector<Variable> trainable = layer.trainable_weights();
  std::vector<Array> before;
  for (const Variable& weight : trainable) before.push_back(weight.value());
  train_once(layer, x);
  for (std::size_t i = 0; i < trainable.size(); ++i) {
    INFO(trainable[i].name());
    CHECK(max_abs_difference(trainable[i].value(), before[i]) > 0);
  }

  layer.set_trainable(false);
  CHECK(layer.trainable_weights().empty());
  const std::vector<Array> frozen = layer.get_weights();
  train_once(layer, x);
  CHECK(same(layer.get_weights(), frozen));
  layer.set_trainable(true);
  CHECK(layer.trainable_weights() == trainable);
}

}  // namespace

Derivatives differentiate(const std::function<Tensor(const Tensor&)>& f, const Array& x,
                          const Array& cotangent, const std::vector<Variable>& variables,
                          const BackendPtr& backend) {
  Tape tape;
  Tape::Scope scope(tape);
  Tensors sources = {tape.input("x", x.shape(), x.dtype())};
  for (const Variable& variable : variables) sources.push_back(variable);
  const Tensor y = f(sources[0]);
  tape.outputs = gradients(ops::sum(y * constant(cotangent)), sources);
  tape.outputs.insert(tape.outputs.begin(), y);
  const std::vector<Array> results = run_tape(tape, {x}, backend);
  return {results[0], results[1], {results.begin() + 2, results.end()}};
}

Array normal_array(const Shape& shape, std::uint64_t seed, DType dtype) {
  RandomGenerator random(seed);
  Array result(shape, float64);
  for (double& value : result.mutable_values<double>()) value = random.normal();
  return result.astype(dtype);
}

void check_layer(Layer& layer, const Array& input, bool has_config) {
  const Array x = input.astype(layer.dtype());
  INFO(layer.class_name(), " of ", std::string(name_of(layer.dtype())), " seed ", kSeed);
  utils::set_random_seed(kSeed);  // the weights repeat: no kink of an activation by chance
  check_building(layer, x);
  check_shapes(layer, x);
  check_weights(layer);
  check_clone(layer);
  check_inference(layer, x);
  if (has_config) {
    check_config(layer, x);
  } else {
    CHECK_THROWS_AS(serialize_layer(layer), NotSupported);
  }
  if (layer.dtype() == float64) {
    check_gradients(layer, x, false);
    check_gradients(layer, x, true);
  }
  check_training(layer, x);
}

}  // namespace banach::testing
