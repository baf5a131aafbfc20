#include <banach/ops/elementwise.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/program.hpp>
#include <tests/support/check_op.hpp>
#include <tests/support/tolerance.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <limits>

namespace banach::testing {
namespace {

constexpr std::uint64_t kSeed = 1234;

// J = sum of all outputs times fixed, uneven numbers.
Tensor weighted_total(const Tensors& outputs) {
  Tensor total;
  for (const Tensor& output : outputs) {
    Array cotangent(output.shape(), float64);
    double x = 0.3;
    for (double& c : cotangent.mutable_values<double>()) c = std::sin(x += 0.7);
    const Tensor sum = ops::sum(output * constant(cotangent.astype(output.dtype())));
    total = total ? total + sum : sum;
  }
  return total;
}

Tensors differentiable(const OpCase& op_case, const Tensors& inputs) {
  Tensors result;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (op_case.inputs[i].differentiable) result.push_back(inputs[i]);
  }
  return result;
}

// Fused before differentiating, as a model's program is.
Tape fused_gradient_tape(const OpCase& op_case, DType dtype) {
  Tape tape = case_tape(op_case, dtype, false);
  tape.outputs = {weighted_total(tape.outputs)};
  tape = fuse(tape);
  tape.outputs = gradients(tape.outputs[0], differentiable(op_case, tape.inputs));
  return tape;
}

void compare(const char* what, const std::vector<Array>& got, const std::vector<Array>& expected,
             double tolerance = Tolerance::kFloat32) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(what, " ", i);
    CHECK(relative_difference(got[i], expected[i]) <= tolerance);
  }
}

// |got - expected| over |expected|, Euclidean norms, where each element counts as 0.1 at least, a
// single one, which may be a sum that cancels, as 1. A value near a jump of the slope, as SELU has
// one at 0, may be rounded across it: few of many are far off.
double average_difference(const Array& got, const Array& expected) {
  if (got.shape() != expected.shape()) return std::numeric_limits<double>::infinity();
  const double least = got.size() == 1 ? 1 : 0.1;
  double difference = 0, size = 1e-300;
  for (std::int64_t i = 0; i < got.size(); ++i) {
    difference += std::pow(got.flat(i) - expected.flat(i), 2);
    size += std::pow(std::max(least, std::abs(expected.flat(i))), 2);
  }
  return std::sqrt(difference / size);
}

void compare_on_average(const char* what, const std::vector<Array>& got,
                        const std::vector<Array>& expected, double tolerance) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(what, " ", i);
    CHECK(average_difference(got[i], expected[i]) <= tolerance);
  }
}

double total(const OpCase& op_case, const std::vector<Array>& inputs) {
  Tape tape = case_tape(op_case, float64, false);
  tape.outputs = {weighted_total(tape.outputs)};
  return run_tape(tape, inputs, get_backend("reference"))[0].flat(0);
}

// (J(x + e) - J(x - e)) / 2e for one element.
double central_difference(const OpCase& op_case, std::vector<Array> inputs, std::size_t input,
                          std::int64_t element) {
  constexpr double kStep = 1e-5;
  double& x = inputs[input].mutable_values<double>()[static_cast<std::size_t>(element)];
  x += kStep;
  const double above = total(op_case, inputs);
  inputs[input].mutable_values<double>()[static_cast<std::size_t>(element)] -= 2 * kStep;
  return (above - total(op_case, inputs)) / (2 * kStep);
}

void check_central_differences(const OpCase& op_case, const std::vector<Array>& inputs,
                               const std::vector<Array>& gradients) {
  constexpr std::int64_t kMostElements = 12;
  std::size_t next = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!op_case.inputs[i].differentiable) continue;
    const Array& gradient = gradients[next++];
    const std::int64_t stride = std::max<std::int64_t>(1, inputs[i].size() / kMostElements);
    for (std::int64_t element = 0; element < inputs[i].size(); element += stride) {
      const double numeric = central_difference(op_case, inputs, i, element);
      INFO("gradient of input ", i, " element ", element);
      CHECK(std::abs(gradient.flat(element) - numeric) <=
            Tolerance::kGradient * std::max(1.0, std::abs(numeric)));
    }
  }
}

// Outputs and gradients in bfloat16 or float16 against double, both from the same rounded inputs.
void check_half(const OpCase& op_case, const std::vector<Array>& inputs, const BackendPtr& backend,
                DType half) {
  INFO(name_of(half));
  constexpr double kMoreRoundings = 3;  // forwards, backwards, and then sums of what may cancel
  const double tolerance = half == float16 ? Tolerance::kFloat16 : Tolerance::kBfloat16;
  std::vector<Array> rounded;
  for (const Array& x : inputs) rounded.push_back(x.astype(half).astype(float64));
  const auto exact = [&](bool with_gradients) {
    return run_tape(case_tape(op_case, float64, with_gradients), rounded, get_backend("reference"));
  };
  const Tape plain = case_tape(op_case, half, false);
  const auto outputs = exact(false);
  compare("output", run_tape(plain, rounded, backend), outputs, tolerance);
  compare("fused output", run_tape(fuse(plain), rounded, backend), outputs, tolerance);

  if (differentiable(op_case, plain.inputs).empty()) return;
  const auto gradients = exact(true);
  compare_on_average("gradient", run_tape(case_tape(op_case, half, true), rounded, backend),
                     gradients, kMoreRoundings * tolerance);
  compare_on_average("fused gradient",
                     run_tape(fused_gradient_tape(op_case, half), rounded, backend), gradients,
                     kMoreRoundings * tolerance);
}

}  // namespace

Tape case_tape(const OpCase& op_case, DType dtype, bool with_gradients) {
  Tape tape;
  Tape::Scope scope(tape);
  for (const OpInput& input : op_case.inputs) tape.input("x", input.shape, dtype);
  tape.outputs = op_case.build(tape.inputs);
  if (with_gradients) {
    tape.outputs = gradients(weighted_total(tape.outputs), differentiable(op_case, tape.inputs));
  }
  return tape;
}

std::vector<Array> run_tape(const Tape& tape, const std::vector<Array>& inputs,
                            const BackendPtr& backend) {
  const auto program = std::make_shared<Program>(lower(tape, *backend), backend);
  const ContextLease context = program->lease();
  for (std::size_t i = 0; i < inputs.size(); ++i) context->set_input(i, inputs[i]);
  context->run();
  std::vector<Array> outputs;
  for (std::size_t i = 0; i < tape.outputs.size(); ++i) outputs.push_back(context->get_output(i));
  return outputs;
}

void check_backend(const OpCase& op_case, const BackendPtr& backend) {
  INFO(op_case.name, " on ", backend->name());
  const BackendPtr reference = get_backend("reference");
  const std::vector<Array> inputs = case_inputs(op_case, kSeed);
  const Tape plain = case_tape(op_case, float32, false);
  const auto expected = run_tape(case_tape(op_case, float64, false), inputs, reference);
  compare("output", run_tape(plain, inputs, backend), expected);
  compare("fused output", run_tape(fuse(plain), inputs, backend), expected);
  for (const DType half : {bfloat16, float16}) check_half(op_case, inputs, backend, half);

  if (differentiable(op_case, plain.inputs).empty()) return;
  const auto gradients = run_tape(case_tape(op_case, float64, true), inputs, reference);
  compare("gradient", run_tape(case_tape(op_case, float32, true), inputs, backend), gradients);
  compare("fused gradient", run_tape(fused_gradient_tape(op_case, float32), inputs, backend),
          gradients);
}

void check_op(const OpCase& op_case) {
  INFO(op_case.name);
  check_backend(op_case, get_backend("cpu"));
  const BackendPtr reference = get_backend("reference");
  const std::vector<Array> inputs = case_inputs(op_case, kSeed);
  for (const DType half : {bfloat16, float16}) check_half(op_case, inputs, reference, half);
  const Tape tape = case_tape(op_case, float64, true);
  if (!tape.outputs.empty()) {
    check_central_differences(op_case, inputs, run_tape(tape, inputs, reference));
  }
}

}  // namespace banach::testing
