// Sums over the rows of a matrix: a number of slices that follows from the shape alone, each summed
// by one thread, then the slices' sums in order. So the bits do not depend on the threads.

#if defined(BANACH_BACKEND_CPU_COLUMN_SUMS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_BACKEND_CPU_COLUMN_SUMS_INL_HPP_
#undef BANACH_BACKEND_CPU_COLUMN_SUMS_INL_HPP_
#else
#define BANACH_BACKEND_CPU_COLUMN_SUMS_INL_HPP_
#endif

#include <banach/backend/cpu/simd-inl.hpp>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

/// sums[column] (padded to whole vectors) = the sum over rows [row_begin, row_end) of what
/// term(access, offset, column) returns for each element of the (rows, columns) matrix.
template <class Term>
HWY_INLINE void sum_rows(float* sums, std::int64_t row_begin, std::int64_t row_end,
                         std::int64_t columns, const Term& term) {
  // Short rows share a load and store of the sums; long ones are best read from end to end.
  const std::int64_t rows_at_once = columns <= 64 ? 8 : 1;
  std::fill(sums, sums + (columns + 15) / 16 * 16, 0.0f);
  for (std::int64_t row = row_begin; row < row_end; row += rows_at_once) {
    const std::int64_t end = std::min(row + rows_at_once, row_end);
    for_each_vector(columns, [&](auto access, std::int64_t column) HWY_ATTR {
      Floats sum = hn::Zero(Tag());
      for (std::int64_t r = row; r < end; ++r) {
        sum = hn::Add(sum, term(access, r * columns + column, column));
      }
      hn::StoreU(hn::Add(hn::LoadU(Tag(), sums + column), sum), Tag(), sums + column);
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif
