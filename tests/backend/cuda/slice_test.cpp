#include <banach/ops/slice.hpp>
#include <tests/backend/cuda/check_bits.hpp>

using namespace banach;
using namespace banach::testing;

TEST_CASE("slice moves every dtype, whatever the alignment") {
  struct Box {
    Shape from, start, shape;
  };
  const Box boxes[] = {
      {{100}, {1}, {33}},
      {{100}, {16}, {64}},
      {{9, 33}, {2, 0}, {5, 33}},
      {{9, 33}, {0, 3}, {9, 1}},
      {{9, 32}, {1, 16}, {7, 16}},
      {{4, 5, 48}, {1, 2, 0}, {2, 3, 48}},
      {{4, 5, 48}, {1, 2, 8}, {2, 3, 24}},
      {{4, 5}, {4, 0}, {0, 5}},
      {{3, 3, 3, 3, 3, 3, 3, 3}, {1, 0, 1, 0, 1, 0, 1, 0}, {2, 1, 2, 1, 2, 1, 2, 1}},
      {{}, {}, {}}};
  for (const Box& box : boxes) {
    check_moves({box.from},
                [&](const Tensors& x) { return ops::slice(x[0], box.start, box.shape); });
  }
}

TEST_CASE("pad surrounds every dtype with zeros") {
  const std::pair<Shape, std::vector<std::pair<std::int64_t, std::int64_t>>> cases[] = {
      {{31}, {{1, 0}}},
      {{32}, {{16, 16}}},
      {{0}, {{3, 4}}},
      {{3, 0}, {{1, 0}, {0, 2}}},
      {{5, 33}, {{0, 0}, {0, 0}}},
      {{5, 33}, {{0, 0}, {2, 1}}},
      {{5, 33}, {{1, 1}, {0, 0}}},
      {{2, 6, 7, 16}, {{0, 0}, {1, 1}, {1, 1}, {0, 0}}},
      {{2, 6, 7, 3}, {{0, 0}, {1, 2}, {0, 1}, {0, 0}}},
      {{2, 1, 2, 1, 2, 1, 2, 1}, {{1, 0}, {0, 1}, {0, 0}, {1, 1}, {0, 0}, {0, 0}, {1, 0}, {0, 2}}},
      {{}, {}}};
  for (const auto& [shape, width] : cases) {
    check_moves({shape},
                [pad_width = width](const Tensors& x) { return ops::pad(x[0], pad_width); });
  }
}

TEST_CASE("concatenate puts every dtype side by side") {
  const auto check = [](const std::vector<Shape>& shapes, int axis) {
    check_moves(shapes, [axis](const Tensors& x) { return ops::concatenate(x, axis); });
  };
  check({{1}, {31}, {33}}, 0);
  check({{5, 16}, {5, 32}}, 1);
  check({{5, 3}, {5, 0}, {5, 4}, {5, 1}}, 1);
  check({{7, 33}, {2, 33}}, 0);
  check({{4, 3, 8}, {4, 1, 8}}, 1);
  check({{0, 3}, {0, 4}}, 1);
  check({{3, 0}, {3, 0}}, 1);
  check(std::vector<Shape>(70, Shape{3, 5}), 1);  // more than one kernel takes
}
