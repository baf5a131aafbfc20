#pragma once

#include <cstddef>
#include <cstdint>

namespace banach::cpu {

/// Bytes of scratch that column_sums needs.
std::size_t column_sums_scratch_bytes(std::int64_t rows, std::int64_t columns);
/// sums (columns,) of x (rows, columns) over its rows.
void column_sums(float* sums, const float* x, std::int64_t rows, std::int64_t columns,
                 std::byte* scratch);

/// y (outer, columns) = the sums and the largest values of x (outer, rows, columns) over its rows.
void row_sums(float* y, const float* x, std::int64_t outer, std::int64_t rows,
              std::int64_t columns);
void row_maxima(float* y, const float* x, std::int64_t outer, std::int64_t rows,
                std::int64_t columns);
/// dx = dy / n where x is one of n values that equal y, else 0. Scratch: like dy.
void row_maxima_grad(float* dx, const float* dy, const float* x, const float* y, std::int64_t outer,
                     std::int64_t rows, std::int64_t columns, std::byte* scratch);
/// y (outer, rows, columns) = x (outer, columns) in every row.
void repeat_rows(float* y, const float* x, std::int64_t outer, std::int64_t rows,
                 std::int64_t columns);

/// sum(values * weights), or sum(values) where weights is null, in double.
double weighted_sum(const float* values, const float* weights, std::int64_t size);
/// dvalues = dmean * weights / size; weights may be null.
void weighted_mean_grad(float* dvalues, float dmean, const float* weights, std::int64_t size);

}  // namespace banach::cpu
