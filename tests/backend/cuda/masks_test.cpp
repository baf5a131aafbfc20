#include <banach/ops/dropout.hpp>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>

#include <cmath>

using namespace banach;
using namespace banach::testing;

namespace {

struct Drop {
  Shape shape, noise_shape;
  DropoutParameters parameters;
  std::int64_t step;
};

// What becomes of ones.
Array dropped_ones(const Drop& drop, DType dtype, const BackendPtr& backend) {
  Tape tape;
  Tape::Scope scope(tape);
  const Tensor x = tape.input("x", drop.shape, dtype);
  Array step(Shape{}, int64);
  step.mutable_values<std::int64_t>()[0] = drop.step;
  tape.outputs = {ops::dropout(x, constant(step), drop.parameters, drop.noise_shape)};
  return run_tape(tape, {Array::full(drop.shape, 1)}, backend)[0].astype(float32);
}

// Which elements were dropped, however a x + b was rounded.
std::vector<bool> mask(const Drop& drop, DType dtype, const BackendPtr& backend) {
  const Array y = dropped_ones(drop, dtype, backend);
  std::vector<bool> result;
  for (std::int64_t i = 0; i < y.size(); ++i) {
    const double to_dropped = std::abs(y.flat(i) - drop.parameters.c);
    result.push_back(to_dropped < std::abs(y.flat(i) - drop.parameters.kept(1)));
  }
  return result;
}

std::vector<Drop> drops() {
  const DropoutParameters dropout = dropout_parameters(0.5, 7);
  const DropoutParameters alpha = alpha_dropout_parameters(0.25, 0x123456789ABCDEF);
  const std::int64_t late = (std::int64_t{1} << 33) + 5;  // both words of the counter
  return {{{5, 150}, {5, 150}, alpha, 0},
          {{5, 150}, {5, 150}, dropout, 3},
          {{1, 1}, {1, 1}, alpha, 1},
          {{3, 31}, {3, 31}, alpha_dropout_parameters(0.05, 1), late},
          {{2, 1001}, {2, 1001}, dropout_parameters(1.0 / 3, 2), 2},
          {{6, 5, 4, 33}, {6, 5, 4, 33}, alpha, late},
          {{4, 3, 6}, {4, 1, 6}, dropout, 4},
          {{400}, {400}, dropout, 9}};
}

}  // namespace

TEST_CASE("Dropout and AlphaDropout drop the same elements on the CPU and on the GPU") {
  for (const Drop& drop : drops()) {
    CAPTURE(drop.shape.str());
    for (const DType dtype : {float32, bfloat16, float16}) {
      CAPTURE(name_of(dtype));
      const auto expected = mask(drop, dtype, get_backend("cpu"));
      CHECK(mask(drop, dtype, get_backend("cuda:0")) == expected);
    }
  }
}

TEST_CASE("another step drops other elements on the GPU") {
  Drop drop = drops()[0];
  const auto before = mask(drop, float32, get_backend("cuda:0"));
  CHECK(mask(drop, float32, get_backend("cuda:0")) == before);
  ++drop.step;
  CHECK(mask(drop, float32, get_backend("cuda:0")) != before);
}
