#pragma once

#include <banach/graph/op.hpp>
#include <banach/graph/tape.hpp>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>
#include <tests/support/tolerance.hpp>

#include <cmath>

namespace banach::testing {

/// Uneven numbers between -1 and 1, float64.
inline Array waves(const Shape& shape, double phase = 0.3) {
  Array result(shape, float64);
  double x = phase;
  for (double& value : result.mutable_values<double>()) value = std::sin(x += 0.7);
  return result;
}

/// The tape of one node; floating-point inputs come in `dtype`.
inline Tape node_tape(const std::shared_ptr<const Op>& op, const std::vector<Array>& inputs,
                      DType dtype) {
  Tape tape;
  const Tape::Scope scope(tape);
  for (const Array& x : inputs) {
    tape.input("x", x.shape(), is_floating(x.dtype()) ? dtype : x.dtype());
  }
  tape.outputs = add_node(op, tape.inputs);
  return tape;
}

/// One op on the GPU in `dtype` against the reference in float64, both from the same rounded
/// inputs; the GPU gives the same bits twice. `meant` is the op that the reference takes instead.
inline void check_node(const std::shared_ptr<const Op>& op, const std::vector<Array>& inputs,
                       DType dtype, double tolerance,
                       const std::shared_ptr<const Op>& meant = nullptr) {
  std::string text = op->name() + " " + op->attributes() + " in " + std::string(name_of(dtype));
  std::vector<Array> rounded;
  for (const Array& x : inputs) {
    text += " " + x.shape().str();
    rounded.push_back(is_floating(x.dtype()) ? x.astype(dtype).astype(float64) : x);
  }
  const BackendPtr gpu = get_backend("cuda:0");
  const Tape tape = node_tape(op, inputs, dtype);
  const auto got = run_tape(tape, rounded, gpu), again = run_tape(tape, rounded, gpu);
  const Tape plain = node_tape(meant != nullptr ? meant : op, inputs, float64);
  const auto expected = run_tape(plain, rounded, get_backend("reference"));
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(text, ", output ", i);
    CHECK(relative_difference(got[i], expected[i]) <= tolerance);
    CHECK(relative_difference(got[i], again[i]) == 0);
  }
}

}  // namespace banach::testing
