#include <banach/backend/cuda/reduction.hpp>

#include <algorithm>
#include <bit>

namespace banach::cuda {
namespace {

constexpr std::int64_t kThreads = 256;      // of a block, as in launch.cuh
constexpr std::int64_t kRowsOfThread = 16;  // before rows are cut into parts
constexpr std::int64_t kFewestParts = 4;    // that are worth a second kernel
constexpr std::int64_t kBusy = 512;         // blocks that keep a large GPU busy
constexpr std::int64_t kMostBlocks = 1024;  // when rows are cut
constexpr std::int64_t kSector = 8;         // outputs that lie in one piece of memory traffic

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

void add_axis(Axes& axes, std::int64_t size, std::int64_t step, bool joins) {
  if (joins) {
    axes.sizes[axes.rank - 1] *= size;
    axes.steps[axes.rank - 1] = step;
    return;
  }
  axes.sizes[axes.rank] = size;
  axes.steps[axes.rank++] = step;
}

std::int64_t lanes_for(std::int64_t outputs, std::int64_t rows, std::int64_t columns) {
  const auto wanted =
      std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(rows / 4, 1)));
  const std::int64_t most = columns == 1                     ? kThreads
                            : outputs >= kBusy * 4 * kSector ? kThreads / (4 * kSector)
                                                             : kThreads / kSector;
  return std::min(static_cast<std::int64_t>(wanted), most);
}

}  // namespace

Reduction make_reduction(const Shape& shape, const std::vector<int>& axes) {
  Reduction r;
  const std::vector<std::int64_t> strides = shape.strides();
  int last = -1;  // whether the axis before was reduced
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1) continue;
    const int reduced = std::ranges::find(axes, axis) != axes.end() ? 1 : 0;
    add_axis(reduced == 1 ? r.reduced : r.kept, shape[axis],
             strides[static_cast<std::size_t>(axis)], reduced == last);
    last = reduced;
  }
  return r;
}

Reduction over_rows(std::int64_t rows, std::int64_t columns) {
  return make_reduction({rows, columns}, {0});
}

Reduction over_columns(std::int64_t rows, std::int64_t columns) {
  return make_reduction({rows, columns}, {1});
}

std::int64_t Tiling::tiles() const { return divide_up(outputs, kThreads / lanes); }

std::size_t Tiling::scratch_bytes(std::size_t value_size) const {
  return parts == 1 ? 0 : static_cast<std::size_t>(parts * outputs) * value_size;
}

std::size_t Tiling::spread_scratch_bytes(std::size_t value_size) const {
  return parts == 1 ? 0 : static_cast<std::size_t>((parts + 1) * outputs) * value_size;
}

Tiling make_tiling(std::int64_t outputs, std::int64_t rows, std::int64_t columns) {
  Tiling t{outputs, rows, rows};
  t.lanes = static_cast<int>(lanes_for(outputs, rows, columns));
  t.lanes_side_by_side = columns == 1;
  if (t.tiles() == 0 || t.tiles() >= kBusy) return t;
  const std::int64_t parts =
      std::min(divide_up(rows, t.lanes * kRowsOfThread), kMostBlocks / t.tiles());
  if (parts < kFewestParts) return t;
  t.chunk = divide_up(divide_up(rows, parts), t.lanes) * t.lanes;
  t.parts = divide_up(rows, t.chunk);
  return t;
}

Tiling make_second_tiling(const Tiling& first) {
  Tiling t = make_tiling(first.outputs, first.parts, first.outputs);
  t.chunk = t.rows;
  t.parts = 1;
  return t;
}

}  // namespace banach::cuda
