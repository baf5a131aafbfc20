#pragma once

#include <banach/core/random.hpp>
#include <cstring>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>
#include <utility>

namespace banach::testing {

inline Array random_array(const Shape& shape, DType dtype, std::uint64_t seed) {
  RandomGenerator random(seed);
  Array result(shape, float64);
  for (double& x : result.mutable_values<double>()) x = 3 * random.normal();
  return result.astype(dtype);
}

/// What `build` makes of the inputs, on the GPU and on the reference.
template <class Build>
std::pair<Array, Array> both(const std::vector<Array>& inputs, const Build& build) {
  Tape tape;
  Tape::Scope scope(tape);
  for (const Array& x : inputs) tape.input("x", x.shape(), x.dtype());
  tape.outputs = {build(tape.inputs)};
  return {run_tape(tape, inputs, get_backend("cuda:0"))[0],
          run_tape(tape, inputs, get_backend("reference"))[0]};
}

inline bool same_bits(const Array& a, const Array& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         (a.size() == 0 || std::memcmp(a.raw(), b.raw(), a.nbytes()) == 0);
}

/// That the GPU moves elements of every dtype as the reference moves float64.
template <class Build>
void check_moves(const std::vector<Shape>& shapes, const Build& build) {
  for (const DType dtype : {float32, float64, int32, int64, uint8, boolean, bfloat16, float16}) {
    INFO(shapes[0].str(), " ", name_of(dtype));
    Tape tape, wide;
    std::vector<Array> inputs, wide_inputs;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      Array x = random_array(shapes[i], float64, i);
      for (double& value : x.mutable_values<double>()) value = std::abs(value) * 20;
      inputs.push_back(x.astype(dtype));
      wide_inputs.push_back(inputs.back().astype(float64));
    }
    const auto fill = [&](Tape& to, DType type) {
      Tape::Scope scope(to);
      for (const Shape& shape : shapes) to.input("x", shape, type);
      to.outputs = {build(to.inputs)};
    };
    fill(tape, dtype);
    fill(wide, float64);
    const Array y = run_tape(tape, inputs, get_backend("cuda:0"))[0];
    const Array expected = run_tape(wide, wide_inputs, get_backend("reference"))[0];
    CHECK(same_bits(y, expected.astype(dtype)));
  }
}

}  // namespace banach::testing
