#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/transpose.hpp>

namespace banach::cpu {
namespace {

// Where row `row` of y, counted through all its axes but the last, begins in x.
std::int64_t first_of(std::int64_t row, const Shape& shape,
                      const std::vector<std::int64_t>& steps) {
  std::int64_t first = 0;
  for (int axis = shape.rank() - 2; axis >= 0; --axis) {
    first += row % shape[axis] * steps[static_cast<std::size_t>(axis)];
    row /= shape[axis];
  }
  return first;
}

}  // namespace

void transpose(float* y, const float* x, const Shape& shape,
               const std::vector<std::int64_t>& steps) {
  const std::int64_t columns = shape[-1], step = steps.back();
  const std::int64_t rows = shape.slice(0, shape.rank() - 1).size();
  parallel_rows(rows, columns, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float* from = x + first_of(row, shape, steps);
      float* to = y + row * columns;
      for (std::int64_t i = 0; i < columns; ++i) to[i] = from[i * step];
    }
  });
}

}  // namespace banach::cpu
