#pragma once

#include <banach/core/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace banach::cuda {

/// Neighbouring axes of a tensor, outermost first, as steps in memory.
struct Axes {
  int rank = 0;
  std::int64_t sizes[Shape::kMaxRank] = {}, steps[Shape::kMaxRank] = {};

  constexpr std::int64_t size() const {
    std::int64_t product = 1;
    for (int axis = 0; axis < rank; ++axis) product *= sizes[axis];
    return product;
  }
  /// Where element i lies, counted row by row.
  constexpr std::int64_t offset(std::int64_t i) const {
    std::int64_t result = 0;
    for (int axis = rank - 1; axis >= 0; --axis) {
      result += i % sizes[axis] * steps[axis];
      i /= sizes[axis];
    }
    return result;
  }
};

/// Which elements of a tensor are combined: for each output on the kept axes, those on the reduced
/// ones, its rows. Axes of size 1 are left out, and neighbours of a kind are one.
struct Reduction {
  Axes kept, reduced;

  constexpr std::int64_t outputs() const { return kept.size(); }
  constexpr std::int64_t rows() const { return reduced.size(); }
  /// How many neighbouring outputs have their elements side by side.
  constexpr std::int64_t columns() const {
    const bool is_inner = kept.rank > 0 && (reduced.rank == 0 || kept.steps[kept.rank - 1] == 1);
    return is_inner ? kept.sizes[kept.rank - 1] : 1;
  }
};

Reduction make_reduction(const Shape& shape, const std::vector<int>& axes);
/// Of a (rows, columns) matrix to its columns, and of (rows, columns) to its rows.
Reduction over_rows(std::int64_t rows, std::int64_t columns);
Reduction over_columns(std::int64_t rows, std::int64_t columns);

/// How a reduction is cut among the blocks of threads. It depends on sizes alone, so the order of
/// sums does too.
struct Tiling {
  std::int64_t outputs = 0, rows = 0;
  std::int64_t chunk = 0;  ///< rows that a block looks at
  std::int64_t parts = 1;  ///< chunks; more than one: their results are combined by a second kernel
  int lanes = 1;           ///< threads that share an output; a power of two
  bool lanes_side_by_side = false;  ///< neighbouring threads are on one output, not on neighbours

  std::int64_t tiles() const;  ///< blocks for one chunk
  std::int64_t blocks() const { return tiles() * parts; }
  /// For the parts' results, when there are several.
  std::size_t scratch_bytes(std::size_t value_size) const;
  /// The same when the results then go back to the rows, and so must be kept.
  std::size_t spread_scratch_bytes(std::size_t value_size) const;
};

Tiling make_tiling(std::int64_t outputs, std::int64_t rows, std::int64_t columns);
inline Tiling make_tiling(const Reduction& r) {
  return make_tiling(r.outputs(), r.rows(), r.columns());
}
/// For the results of the parts of another, (parts, outputs).
Tiling make_second_tiling(const Tiling& first);

}  // namespace banach::cuda
