#include <banach/ops/shape.hpp>
#include <tests/backend/cuda/check_bits.hpp>

using namespace banach;
using namespace banach::testing;

TEST_CASE("transpose moves every dtype, by squares and by elements") {
  const std::pair<Shape, std::vector<int>> cases[] = {
      {{1, 31}, {1, 0}},
      {{33, 31}, {1, 0}},
      {{16, 100}, {1, 0}},
      {{3, 70}, {1, 0}},
      {{5, 33, 40}, {0, 2, 1}},
      {{5, 33, 40}, {2, 0, 1}},
      {{33, 2, 40}, {2, 1, 0}},
      {{17, 3, 64}, {1, 0, 2}},
      {{2, 18, 3, 20, 2}, {3, 4, 2, 0, 1}},
      {{2, 18, 3, 20}, {2, 3, 0, 1}},
      {{2, 3, 2, 3, 2, 3, 2, 3}, {7, 5, 3, 1, 6, 4, 2, 0}},
      {{3, 0, 5}, {2, 1, 0}},
      {{}, {}}};
  for (const auto& [shape, axes] : cases) {
    check_moves({shape}, [&](const Tensors& x) { return ops::transpose(x[0], axes); });
  }
}

TEST_CASE("more squares than blocks") {
  const Array x = random_array({500, 2, 600}, float32, 1);
  const auto [y, expected] = both({x}, [](const Tensors& t) {
    return ops::transpose(t[0], {1, 2, 0});
  });
  CHECK(same_bits(y, expected));
}

TEST_CASE("broadcast_to and copy move every dtype") {
  const std::pair<Shape, Shape> shapes[] = {{{}, {33}},
                                            {{1}, {1000}},
                                            {{31}, {7, 31}},
                                            {{7, 1}, {7, 31}},
                                            {{32}, {5, 32}},
                                            {{5, 1, 48}, {5, 3, 48}},
                                            {{2, 1, 3, 1}, {2, 4, 3, 5}},
                                            {{1, 33}, {0, 33}},
                                            {{20, 1, 1, 20}, {20, 2, 3, 20}}};
  for (const auto& [from, to] : shapes) {
    check_moves({from}, [shape = to](const Tensors& x) {
      return ops::copy(ops::broadcast_to(x[0], shape));
    });
  }
}
