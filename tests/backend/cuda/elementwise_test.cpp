#include <banach/ops/elementwise.hpp>
#include <banach/ops/shape.hpp>
#include <tests/backend/cuda/check_bits.hpp>
#include <tests/support/tolerance.hpp>

#include <cmath>

using namespace banach;
using namespace banach::testing;

namespace {

// `either` on the GPU; `in_place`, with an x2 that nothing else needs.
Array chosen(double condition, DType dtype, const Array& x1, const Array& x2, bool in_place) {
  const std::vector<Array> inputs = {Array::full({}, condition, float64).astype(dtype), x1, x2};
  Tape tape;
  const Tape::Scope scope(tape);
  for (const Array& x : inputs) tape.input("x", x.shape(), x.dtype());
  const Tensors& x = tape.inputs;
  tape.outputs = {ops::either(x[0], x[1], in_place ? ops::copy(x[2]) : x[2])};
  return run_tape(tape, inputs, get_backend("cuda:0"))[0];
}

}  // namespace

TEST_CASE("binary functions of all sizes and broadcasts, in float32 and float64") {
  const std::pair<Shape, Shape> shapes[] = {{{1}, {1}},
                                            {{31}, {31}},
                                            {{1000}, {}},
                                            {{}, {33}},
                                            {{0}, {1}},
                                            {{3, 0}, {3, 1}},
                                            {{257, 33}, {33}},
                                            {{33}, {257, 33}},
                                            {{257, 33}, {257, 1}},
                                            {{7, 1}, {1, 65}},
                                            {{1, 5, 1}, {9, 1, 4}},
                                            {{2, 1, 2, 1, 2, 1, 2, 3}, {1, 3, 1, 3, 1, 3, 1, 3}}};
  for (const auto& [a, b] : shapes) {
    for (const DType dtype : {float32, float64}) {
      INFO(a.str(), b.str(), name_of(dtype));
      const std::vector<Array> inputs = {random_array(a, dtype, 1), random_array(b, dtype, 2)};
      const auto [y, expected] =
          both(inputs, [](const Tensors& x) { return ops::subtract(x[0], x[1]); });
      CHECK(same_bits(y, expected));
    }
  }
}

TEST_CASE("more elements than the grid has threads") {
  const std::vector<Array> inputs = {random_array({300, 2001}, float32, 1),
                                     random_array({2001}, float32, 2)};
  const auto [y, expected] =
      both(inputs, [](const Tensors& x) { return ops::multiply(x[0], x[1]); });
  CHECK(same_bits(y, expected));
  const auto [z, exponential] = both({inputs[0]}, [](const Tensors& x) { return ops::exp(x[0]); });
  CHECK(relative_difference(z, exponential) <= Tolerance::kFloat32);
}

TEST_CASE("cast converts between all dtypes as the reference does") {
  const DType all[] = {float32, float64, int32, int64, uint8, boolean, bfloat16, float16};
  const Array x = Array::of<double>({0, 1, 2, 3.75, 100.5, 77, 1.0 / 3, 0.25, 127});
  for (const DType from : all) {
    for (const DType to : all) {
      INFO(name_of(from), " to ", name_of(to));
      const auto [y, expected] =
          both({x.astype(from)}, [to](const Tensors& t) { return ops::cast(t[0], to); });
      CHECK(same_bits(y, expected));
    }
  }
}

TEST_CASE("float16 overflows to infinity, and its smallest numbers are 2^-24 apart") {
  const Array x = Array::of<double>({65504, 65519, 65520, -65520, 1e6, -1e30, 0x1p-14, 0x1.FFp-15,
                                     0x1p-24, -0x1.8p-24, 0x1p-25, 0x1.01p-25, -0.0, 1e-30});
  for (const DType from : {float32, float64, bfloat16}) {
    INFO("from ", name_of(from));
    const auto [y, expected] =
        both({x.astype(from)}, [](const Tensors& t) { return ops::cast(t[0], float16); });
    CHECK(same_bits(y, expected));
    CHECK(y.flat(3) == -INFINITY);
    CHECK(y.flat(8) == 0x1p-24);
  }
  const auto [y, expected] =
      both({Array::of<float>({NAN})}, [](const Tensors& t) { return ops::cast(t[0], float16); });
  CHECK(std::isnan(y.flat(0)));
}

TEST_CASE("either moves every dtype, in place and not, for conditions of any floating-point type") {
  for (const Shape& shape : {Shape{}, {1}, {33}, {0}, {5, 32}, {300, 2001}}) {
    for (const DType dtype : {float32, float64, int64, boolean, bfloat16, float16}) {
      const Array x1 = random_array(shape, dtype, 1), x2 = random_array(shape, dtype, 2);
      for (const bool in_place : {false, true}) {
        INFO(shape.str(), " ", name_of(dtype), " ", in_place);
        CHECK(same_bits(chosen(1, float32, x1, x2, in_place), x1));
        CHECK(same_bits(chosen(0, float32, x1, x2, in_place), x2));
      }
    }
  }
  const Array x1 = Array::of<float>({NAN, 1}), x2 = Array::of<float>({2, INFINITY});
  for (const DType dtype : {float32, float64, bfloat16, float16}) {
    CAPTURE(name_of(dtype));
    for (const double condition : {1.0, -3.0, 1e-6, std::nan(""), double{INFINITY}}) {
      CHECK(same_bits(chosen(condition, dtype, x1, x2, false), x1));
    }
    CHECK(same_bits(chosen(0.0, dtype, x1, x2, false), x2));
    CHECK(same_bits(chosen(-0.0, dtype, x1, x2, false), x2));
  }
}

TEST_CASE("increment adds one to a counter beyond 32 bits") {
  const auto [y, expected] = both({Array::of<std::int64_t>({0xFFFFFFFF}, {})},
                                  [](const Tensors& x) { return ops::increment(x[0]); });
  CHECK(y.values<std::int64_t>()[0] == 0x100000000);
}
