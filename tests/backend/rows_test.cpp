#include <banach/backend/backend.hpp>
#include <banach/graph/tape.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/matmul_update.hpp>
#include <banach/snn/selu.hpp>

#include <doctest/doctest.h>
#include <tests/backend/kernel_support.hpp>
#include <tests/support/check_op.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

// A node on inputs of these arrays' shapes and dtypes.
template <class T, class... Args>
Tensors node_on(const std::vector<Array>& inputs, Args&&... args) {
  Tape tape;
  Tape::Scope scope(tape);
  for (const Array& input : inputs) tape.input("x", input.shape(), input.dtype());
  return add_node(std::make_shared<T>(std::forward<Args>(args)...), tape.inputs);
}

// Runs a node where every output that may lie on an input does.
std::vector<Array> run_in_place(const Node& node, const std::vector<Array>& inputs,
                                const std::string& backend) {
  const KernelRow* row = get_backend(backend)->find(node);
  REQUIRE(row != nullptr);
  const Prepared prepared = row->prepare(node);
  CHECK(prepared.implementation.starts_with(backend == "cpu" ? "simd:" : "reference"));
  std::vector<Array> in, out;
  Views in_views, out_views;
  for (const Array& input : inputs) {
    in.push_back(input.copy());
    in_views.push_back(
        {static_cast<std::byte*>(in.back().mutable_raw()), {input.shape(), input.dtype()}});
  }
  for (const TensorSpec& spec : node.outputs) out.emplace_back(spec.shape, spec.dtype);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int source = i < prepared.in_place.size() ? prepared.in_place[i] : -1;
    auto* own = static_cast<std::byte*>(out[i].mutable_raw());
    out_views.push_back(
        {source < 0 ? own : in_views[static_cast<std::size_t>(source)].data, node.outputs[i]});
  }
  Scratch scratch(prepared.scratch_bytes);
  prepared.bind(in_views, out_views, scratch.data())();
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::memcpy(out[i].mutable_raw(), out_views[i].data, out[i].nbytes());
  }
  return out;
}

Array normal_array(Shape shape, std::uint64_t seed) {
  return Array::from<float>(normal_floats(shape.size(), seed), shape);
}

void check_backends_agree(const Tensors& outputs, const std::vector<Array>& inputs) {
  const Node& node = outputs[0].node();
  const auto got = run_in_place(node, inputs, "cpu");
  const auto expected = run_in_place(node, inputs, "reference");
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(max_abs_difference(got[i], expected[i]) < 1e-5);
  }
}

template <class Rule>
Rule make_rule() {
  Rule rule;
  if constexpr (requires { rule.epsilon; }) rule.epsilon = 1e-3;
  if constexpr (requires { rule.momentum; }) rule.momentum = 0.9;
  if constexpr (requires { rule.rho; }) rule.rho = 0.95;
  if constexpr (requires { rule.beta_1; }) rule.beta_1 = 0.9;
  if constexpr (requires { rule.beta_2; }) rule.beta_2 = 0.99;
  return rule;
}

// The scalars of an update: rate, step and product, as many as the rule takes.
template <class Rule>
std::vector<Array> scalars_of() {
  std::vector<Array> scalars = {Array::full({}, 0.1), Array::full({}, 3, int64),
                                Array::full({}, 0.4)};
  scalars.resize(Rule::kScalars);
  return scalars;
}

// Gradients, variables and slots of two variables, after the scalars of an update. Slots are
// positive, the first above 1 and the others below, so that no formula takes a negative root.
std::vector<Array> update_inputs(std::vector<Array> scalars, int lists) {
  for (int i = 0; i < lists; ++i) {
    for (const Shape& shape : {Shape{7, 5}, Shape{3}}) {
      const auto seed = static_cast<std::uint64_t>(2 * i + shape.rank());
      const Array x = normal_array(shape, seed), squares = x * x;
      scalars.push_back(i < 2 ? x : i == 2 ? squares + 1 : squares / (squares + 1));
    }
  }
  return scalars;
}

}  // namespace

TEST_CASE("rows of updates rewrite variables and slots in place") {
  functions::for_each<rules::All>([&]<class Rule>() {
    CAPTURE(std::string(Rule::kName));
    const auto inputs = update_inputs(scalars_of<Rule>(), static_cast<int>(2 + Rule::kSlots));
    for (const double weight_decay : {0.0, 0.02}) {
      check_backends_agree(node_on<UpdateOp<Rule>>(inputs, make_rule<Rule>(), weight_decay),
                           inputs);
    }
  });
}

TEST_CASE("the row of epilogue_grad") {
  const std::vector<Array> inputs = {normal_array({2, 3, 4, 9}, 1), normal_array({2, 3, 4, 9}, 2)};
  for (const char* activation : {"linear", "relu", "selu", "elu", "sigmoid", "tanh"}) {
    Epilogue epilogue{
        true, activation, {snn::kSeluAlpha, snn::kSeluScale}, alpha_dropout_parameters(0.2, 5)};
    check_backends_agree(node_on<EpilogueGradOp>(inputs, epilogue), inputs);
  }
}

namespace {

// What a node gives, and what its lowering does.
struct BothWays {
  BothWays(const std::shared_ptr<const Op>& op, const std::vector<Array>& inputs) {
    const BackendPtr cpu = get_backend("cpu");
    Tape whole, lowered;
    for (Tape* tape : {&whole, &lowered}) {
      const Tape::Scope scope(*tape);
      for (const Array& input : inputs) tape->input("x", input.shape(), input.dtype());
      tape->outputs = tape == &whole ? add_node(op, tape->inputs) : op->lower(tape->inputs);
    }
    REQUIRE(cpu->find(whole.outputs[0].node()) != nullptr);
    got = run_tape(whole, inputs, cpu);
    expected = run_tape(lowered, inputs, cpu);
  }
  bool are_equal(std::size_t i) const {
    return std::memcmp(got[i].raw(), expected[i].raw(), got[i].nbytes()) == 0;
  }

  std::vector<Array> got, expected;
};

}  // namespace

TEST_CASE("the row of matmul_update gives the bits of its lowering, for every rule") {
  functions::for_each<rules::All>([&]<class Rule>() {
    CAPTURE(std::string(Rule::kName));
    std::vector<Array> inputs = scalars_of<Rule>();
    inputs.push_back(normal_array({20, 256}, 1));
    inputs.push_back(normal_array({20, 129}, 2));
    for (std::size_t k = 0; k <= Rule::kSlots; ++k) {
      const Array x = normal_array({256, 129}, 3 + k), squares = x * x;
      inputs.push_back(k == 0 ? x : k == 1 ? squares + 1 : squares / (squares + 1));
    }
    for (const double weight_decay : {0.0, 0.02}) {
      const auto update = std::make_shared<UpdateOp<Rule>>(make_rule<Rule>(), weight_decay);
      const BothWays run(std::make_shared<MatmulUpdateOp>(update, Rule::kScalars, true, false),
                         inputs);
      for (std::size_t i = 0; i <= Rule::kSlots; ++i) CHECK(run.are_equal(i));
    }
  });
}

TEST_CASE("the row of matmul_epilogue_grad does what its lowering does") {
  const std::vector<Array> inputs = {normal_array({6, 40}, 1), normal_array({24, 40}, 2),
                                     normal_array({6, 2, 4, 3}, 3)};
  for (const char* activation : {"linear", "relu", "selu", "tanh"}) {
    const Epilogue epilogue{
        true, activation, {snn::kSeluAlpha, snn::kSeluScale}, alpha_dropout_parameters(0.2, 5)};
    const BothWays run(std::make_shared<MatmulEpilogueGradOp>(false, true, epilogue), inputs);
    CHECK(run.are_equal(0));
    CHECK(relative_difference(run.got[1], run.expected[1]) < Tolerance::kFloat32);
  }
}

TEST_CASE("products whose rows are no whole pixels of z, and products with a vector, stay apart") {
  const auto accepts = [](const Shape& a, const Shape& b, const Shape& z) {
    const std::vector<Array> inputs = {Array(a), Array(b), Array(z)};
    const auto outputs = node_on<MatmulEpilogueGradOp>(inputs, false, true, Epilogue{true, "selu"});
    return get_backend("cpu")->find(outputs[0].node()) != nullptr;
  };
  CHECK(accepts({24, 5}, {12, 5}, {24, 3, 4}));
  CHECK_FALSE(accepts({24, 5}, {12, 5}, {3, 96}));
  CHECK_FALSE(accepts({1, 5}, {12, 5}, {1, 12}));
  CHECK_FALSE(accepts({24, 5}, {1, 5}, {24, 1}));
}

TEST_CASE("rows accept what they can, the reference takes the rest") {
  const auto implementation = [](const Tensors& outputs) {
    const Node& node = outputs[0].node();
    return get_backend("cpu")->find(node)->prepare(node).implementation;
  };
  using Add = BinaryOp<functions::Add>;
  const Array matrix({4, 5}), row({5}), column({4, 1}), number{Shape{}};
  CHECK(implementation(node_on<Add>({matrix, matrix})).starts_with("simd:"));
  CHECK(implementation(node_on<Add>({matrix, row})).starts_with("simd:"));
  CHECK(implementation(node_on<Add>({number, matrix})).starts_with("simd:"));
  CHECK(implementation(node_on<Add>({matrix, column})).starts_with("simd:"));
  CHECK(implementation(node_on<Add>({column, row})) == "reference");
  const Array doubles({4, 5}, float64);
  CHECK(implementation(node_on<Add>({doubles, doubles})) == "reference");
}
