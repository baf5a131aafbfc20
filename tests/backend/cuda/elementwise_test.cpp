#include <banach/ops/elementwise.hpp>
#include <tests/backend/cuda/check_bits.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::testing;

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
  const DType all[] = {float32, float64, int32, int64, uint8, boolean, bfloat16};
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

TEST_CASE("increment adds one to a counter beyond 32 bits") {
  const auto [y, expected] = both({Array::of<std::int64_t>({0xFFFFFFFF}, {})},
                                  [](const Tensors& x) { return ops::increment(x[0]); });
  CHECK(y.values<std::int64_t>()[0] == 0x100000000);
}
