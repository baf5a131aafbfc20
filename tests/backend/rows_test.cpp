#include <banach/backend/backend.hpp>
#include <banach/graph/tape.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/epilogue.hpp>
#include <banach/ops/update.hpp>
#include <banach/snn/selu.hpp>

#include <doctest/doctest.h>
#include <tests/backend/kernel_support.hpp>

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
  const std::vector<Array> scalars = {Array::full({}, 0.1), Array::full({}, 3, int64),
                                      Array::full({}, 0.4)};
  functions::for_each<rules::All>([&]<class Rule>() {
    CAPTURE(std::string(Rule::kName));
    const auto inputs = update_inputs({scalars.begin(), scalars.begin() + Rule::kScalars},
                                      static_cast<int>(2 + Rule::kSlots));
    Rule rule;
    if constexpr (requires { rule.epsilon; }) rule.epsilon = 1e-3;
    if constexpr (requires { rule.momentum; }) rule.momentum = 0.9;
    if constexpr (requires { rule.rho; }) rule.rho = 0.95;
    if constexpr (requires { rule.beta_1; }) rule.beta_1 = 0.9;
    if constexpr (requires { rule.beta_2; }) rule.beta_2 = 0.99;
    for (const double weight_decay : {0.0, 0.02}) {
      check_backends_agree(node_on<UpdateOp<Rule>>(inputs, rule, weight_decay), inputs);
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
