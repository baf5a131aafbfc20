#include <banach/backend/cpu/box.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

std::byte* bytes_of(Floats& values) { return reinterpret_cast<std::byte*>(values.data()); }

std::size_t index_of(const Shape& shape, const Shape& start, std::int64_t i, const Shape& box) {
  std::int64_t index = 0, step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    index += (start[axis] + i % box[axis]) * step;
    i /= box[axis];
    step *= shape[axis];
  }
  return static_cast<std::size_t>(index);
}

struct Case {
  Shape box, to, to_start, from, from_start;
};

const Case kCases[] = {{{4, 3}, {4, 3}, {0, 0}, {4, 3}, {0, 0}},
                       {{2, 3, 5}, {2, 6, 5}, {0, 2, 0}, {2, 3, 5}, {0, 0, 0}},
                       {{2, 3, 2}, {4, 3, 5}, {1, 0, 3}, {3, 4, 2}, {0, 1, 0}},
                       {{2, 1, 3, 1}, {2, 2, 3, 4}, {0, 1, 0, 2}, {2, 1, 3, 2}, {0, 0, 0, 1}},
                       {{1}, {7}, {6}, {3}, {0}}};

}  // namespace

TEST_CASE("boxes are copied, and padded with zeros") {
  for (const Case& c : kCases) {
    CAPTURE(c.box.str());
    const Box box(c.box, c.to, c.to_start, c.from, c.from_start, sizeof(float));
    Floats from = normal_floats(c.from.size(), 1);
    Floats copied(static_cast<std::size_t>(c.to.size()), 7), padded = copied;
    Floats expected_copy = copied, expected_pad(padded.size(), 0);
    for (std::int64_t i = 0; i < c.box.size(); ++i) {
      const float value = from[index_of(c.from, c.from_start, i, c.box)];
      expected_copy[index_of(c.to, c.to_start, i, c.box)] = value;
      expected_pad[index_of(c.to, c.to_start, i, c.box)] = value;
    }
    copy_box(bytes_of(copied), bytes_of(from), box);
    pad_box(bytes_of(padded), bytes_of(from), box);
    CHECK(copied == expected_copy);
    CHECK(padded == expected_pad);
  }
}

TEST_CASE("contiguous axes are one run") {
  const Box whole({8, 5, 3}, {8, 5, 3}, {0, 0, 0}, {8, 5, 3}, {0, 0, 0}, 4);
  CHECK(whole.runs == 1);
  CHECK(whole.run_bytes == 8 * 5 * 3 * 4);
  const Box columns({8, 5, 3}, {8, 5, 7}, {0, 0, 4}, {8, 5, 3}, {0, 0, 0}, 4);
  CHECK(columns.runs == 8 * 5);
  CHECK(columns.num_axes == 1);
}

TEST_CASE("padding on several threads leaves no gap") {
  const Box box({40, 30, 30, 8}, {40, 33, 32, 8}, {0, 1, 2, 0}, {40, 30, 30, 8}, {0, 0, 0, 0}, 4);
  Floats x = normal_floats(Shape{40, 30, 30, 8}.size(), 2);
  check_threads([&] {
    Floats y(static_cast<std::size_t>(Shape{40, 33, 32, 8}.size()), 7);
    pad_box(bytes_of(y), bytes_of(x), box);
    return y;
  });
}
