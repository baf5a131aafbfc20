#include <banach/ops/shape.hpp>
#include <banach/ops/update.hpp>
#include <doctest/doctest.h>
#include <tests/backend/cuda/check_bits.hpp>
#include <tests/backend/cuda/check_node.hpp>

#include <stdexcept>

using namespace banach;
using namespace banach::testing;

namespace {

template <class Rule>
Rule make_rule() {
  if constexpr (std::is_same_v<Rule, rules::Sgd>) {
    return {};
  } else if constexpr (requires(Rule r) { r.beta_1; }) {
    return {.beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-3};
  } else if constexpr (requires(Rule r) { r.rho; }) {
    return {.rho = 0.9, .momentum = 0.5, .epsilon = 1e-3};
  } else if constexpr (requires(Rule r) { r.momentum; }) {
    return {.momentum = 0.9};
  } else {
    return {.epsilon = 1e-3};
  }
}

// The scalars, gradients, weights and slots of an update of weights of these sizes. A centered
// variance stays positive.
template <class Rule>
std::vector<Array> update_inputs(const std::vector<std::int64_t>& sizes) {
  std::vector<Array> inputs = {Array::full({}, 0.01, float64)};
  if (Rule::kScalars > 1) inputs.push_back(Array::full({}, 3, int64));
  if (Rule::kScalars > 2) inputs.push_back(Array::full({}, 0.4, float64));
  for (std::size_t kind = 0; kind < 2 + Rule::kSlots; ++kind) {
    for (const std::int64_t size : sizes) {
      Array values = waves({size}, 0.1 * static_cast<double>(kind));
      if (kind >= 2) {
        for (double& x : values.mutable_values<double>()) x = kind == 2 ? 2 + x : 0.5 + 0.5 * x;
      }
      inputs.push_back(values);
    }
  }
  return inputs;
}

template <class Rule>
std::shared_ptr<const Op> make_op(double weight_decay, bool scaled) {
  return std::make_shared<UpdateOp<Rule>>(make_rule<Rule>(), weight_decay, scaled);
}

template <class Rule>
void check_rule(const std::vector<std::int64_t>& sizes, double weight_decay) {
  auto inputs = update_inputs<Rule>(sizes);
  check_node(make_op<Rule>(weight_decay, false), inputs, float32, Tolerance::kFloat32);
  check_node(make_op<Rule>(weight_decay, false), inputs, float64, Tolerance::kFloat64);
  inputs.push_back(Array::full({}, 0.3, float64));
  check_node(make_op<Rule>(weight_decay, true), inputs, float32, Tolerance::kFloat32);
  check_node(make_op<Rule>(weight_decay, true), inputs, float64, Tolerance::kFloat64);
}

// Weights and slots after an update; `in_place`, where nothing else needs what they were.
std::vector<Array> updated(const std::shared_ptr<const Op>& op, const std::vector<Array>& inputs,
                           bool in_place) {
  Tape tape;
  const Tape::Scope scope(tape);
  Tensors taken;
  for (const Array& x : inputs) {
    const Tensor input = tape.input("x", x.shape(), x.dtype());
    taken.push_back(in_place ? ops::copy(input) : input);
  }
  tape.outputs = add_node(op, taken);
  return run_tape(tape, inputs, get_backend("cuda:0"));
}

void check_same(const std::vector<Array>& a, const std::vector<Array>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(same_bits(a[i], b[i]));
}

const std::vector<std::int64_t> kSizes = {1, 1024, 0, 33, 5000};

// update_inputs in a type, with gradients times `factor`.
template <class Rule>
std::vector<Array> inputs_of(DType dtype, double factor = 1) {
  std::vector<Array> inputs = update_inputs<Rule>(kSizes);
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    Array& gradient = inputs[Rule::kScalars + i];
    for (double& g : gradient.mutable_values<double>()) g *= factor;
  }
  for (Array& x : inputs) {
    if (is_floating(x.dtype())) x = x.astype(dtype);
  }
  return inputs;
}

template <class Rule>
void check_scaled(DType dtype, bool in_place) {
  auto inputs = inputs_of<Rule>(dtype);
  inputs.push_back(Array::full({}, 0.125, dtype));
  check_same(updated(make_op<Rule>(0.1, true), inputs, in_place),
             updated(make_op<Rule>(0.1, false), inputs_of<Rule>(dtype, 0.125), in_place));
}

template <class Rule>
void check_skipped(DType dtype, bool in_place) {
  auto inputs = inputs_of<Rule>(dtype);
  inputs[Rule::kScalars] = Array::full({1}, INFINITY, dtype);
  inputs[Rule::kScalars + 1] = Array::full({1024}, NAN, dtype);
  const std::vector<Array> before(inputs.begin() + Rule::kScalars + kSizes.size(), inputs.end());
  inputs.push_back(Array::full({}, 0, dtype));
  check_same(updated(make_op<Rule>(0.1, true), inputs, in_place), before);
}

}  // namespace

TEST_CASE("every rule, on weights of odd sizes, some of them empty") {
  functions::for_each<rules::All>([&]<class Rule>() {
    check_rule<Rule>(kSizes, 0);
    check_rule<Rule>({1025}, 0.1);
    check_rule<Rule>({0, 0}, 0);
  });
}

TEST_CASE("more weights than one launch takes") {
  std::vector<std::int64_t> sizes;
  for (std::int64_t i = 0; i < 90; ++i) sizes.push_back(i % 7);
  sizes.push_back(3000);
  check_rule<rules::Sgd>(sizes, 0);
  check_rule<rules::Adam<false>>(sizes, 0);
}

TEST_CASE("a scale of 1/8 gives the bits that gradients divided by 8 give") {
  functions::for_each<rules::All>([]<class Rule>() {
    CAPTURE(std::string(Rule::kName));
    for (const DType dtype : {float32, float64}) {
      for (const bool in_place : {false, true}) check_scaled<Rule>(dtype, in_place);
    }
  });
}

TEST_CASE("where the scale is 0, weights and slots keep their bits, whatever the gradients") {
  functions::for_each<rules::All>([]<class Rule>() {
    CAPTURE(std::string(Rule::kName));
    for (const DType dtype : {float32, float64}) {
      for (const bool in_place : {false, true}) check_skipped<Rule>(dtype, in_place);
    }
  });
}

TEST_CASE("a function of the step is called in every run, with the step as it is then") {
  const auto schedule = [](std::int64_t t) { return 1 / static_cast<double>(t); };
  for (const DType dtype : {float32, float64}) {
    check_node(std::make_shared<OfStepOp>("schedule", schedule, dtype), {Array::full({}, 7, int64)},
               dtype, Tolerance::kFloat32);
  }
}

TEST_CASE("a function of the step that throws gives NaN") {
  const auto schedule = [](std::int64_t) -> double { throw std::runtime_error("no"); };
  const auto op = std::make_shared<OfStepOp>("schedule", schedule, float32);
  const std::vector<Array> step = {Array::full({}, 7, int64)};
  const auto got = run_tape(node_tape(op, step, float32), step, get_backend("cuda:0"));
  CHECK(std::isnan(got[0].flat(0)));
}
