// Products of a matrix and a vector: bound by memory, so the matrix is read once, in its own order.
#if defined(BANACH_GEMV_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_GEMV_INL_HPP_
#undef BANACH_GEMV_INL_HPP_
#else
#define BANACH_GEMV_INL_HPP_
#endif

#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/gemm_tile-inl.hpp>
#include <banach/backend/cpu/slices.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

/// y (columns) = sum over rows of x[row] matrix[row], or y (rows) = matrix x.
struct GemvShape {
  std::int64_t rows = 0, columns = 0;
  bool sum_rows = false;
};

inline GemvShape gemv_shape(const GemmShape& s) {
  const bool sum_rows = s.m == 1 ? !s.transpose_b : s.transpose_a;
  const std::int64_t outputs = s.m * s.n;
  return sum_rows ? GemvShape{s.k, outputs, true} : GemvShape{outputs, s.k, false};
}

inline constexpr std::int64_t kGemvGrain = 16384;  // floats of the matrix that pay for a thread

/// Slices of the rows that are summed apart: by shape only, so that bits never depend on threads.
inline std::int64_t gemv_slices(const GemvShape& s) {
  return std::clamp<std::int64_t>(s.rows * s.columns / kGemvGrain, 1, s.sum_rows ? 8 : 1);
}

inline std::size_t gemv_scratch_bytes(const GemmShape& shape) {
  const GemvShape s = gemv_shape(shape);
  const std::int64_t slices = gemv_slices(s);
  return slices > 1 ? aligned_bytes(slices * s.columns) : 0;
}

/// y (+)= x[0] row 0 + ... + x[kR - 1] row kR - 1, in two chains to hide the latency.
template <int kR>
void add_rows(float* HWY_RESTRICT y, const float* x, const float* HWY_RESTRICT matrix,
              std::int64_t columns, bool accumulate) {
  const Lanes d;
  std::int64_t j = 0;
  for (; j + kLanes <= columns; j += kLanes) {
    Vector sum[2] = {accumulate ? hn::LoadU(d, y + j) : hn::Zero(d), hn::Zero(d)};
#pragma GCC unroll 8
    for (int r = 0; r < kR; ++r) {
      const Vector row = hn::LoadU(d, matrix + r * columns + j);
      sum[(r + 1) % 2] = hn::MulAdd(hn::Set(d, x[r]), row, sum[(r + 1) % 2]);
    }
    hn::StoreU(hn::Add(sum[0], sum[1]), d, y + j);
  }
  for (; j < columns; ++j) {
    float sum = 0;
    for (int r = 0; r < kR; ++r) sum += x[r] * matrix[r * columns + j];
    y[j] = accumulate ? y[j] + sum : sum;
  }
}

inline void sum_rows(float* y, const float* x, const float* matrix, std::int64_t rows,
                     std::int64_t columns) {
  std::int64_t i = 0;
  for (; i + 8 <= rows; i += 8) add_rows<8>(y, x + i, matrix + i * columns, columns, i > 0);
  for (; i < rows; ++i) add_rows<1>(y, x + i, matrix + i * columns, columns, i > 0);
}

/// y[r] = row r of the matrix times x, kR rows at a time; each in the same order whatever kR is.
template <int kR>
void dot_rows(float* y, const float* x, const float* matrix, std::int64_t columns) {
  const Lanes d;
  Vector sum[kR][2];
  for (int r = 0; r < kR; ++r) sum[r][0] = sum[r][1] = hn::Zero(d);
  std::int64_t p = 0;
  for (; p + 2 * kLanes <= columns; p += 2 * kLanes) {
    const Vector x0 = hn::LoadU(d, x + p), x1 = hn::LoadU(d, x + p + kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kR; ++r) {
      const float* row = matrix + r * columns + p;
      sum[r][0] = hn::MulAdd(x0, hn::LoadU(d, row), sum[r][0]);
      sum[r][1] = hn::MulAdd(x1, hn::LoadU(d, row + kLanes), sum[r][1]);
    }
  }
  for (int r = 0; r < kR; ++r) {
    y[r] = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum[r][0], sum[r][1])));
    for (std::int64_t q = p; q < columns; ++q) y[r] += x[q] * matrix[r * columns + q];
  }
}

inline void gemv(float* c, const float* a, const float* b, const GemmShape& shape,
                 const EpilogueArguments& epilogue, std::byte* scratch) {
  const GemvShape s = gemv_shape(shape);
  const float *matrix = shape.m == 1 ? b : a, *x = shape.m == 1 ? a : b;
  const std::int64_t slices = gemv_slices(s);
  if (!s.sum_rows) {
    const std::int64_t grain = ceil_div(kGemvGrain, s.columns);
    parallel_ranges(s.rows, 4, grain, [=](std::int64_t i, std::int64_t end) {
      for (; i + 4 <= end; i += 4) dot_rows<4>(c + i, x, matrix + i * s.columns, s.columns);
      for (; i < end; ++i) dot_rows<1>(c + i, x, matrix + i * s.columns, s.columns);
    });
  } else if (slices == 1) {
    sum_rows(c, x, matrix, s.rows, s.columns);
  } else {
    auto* partial = reinterpret_cast<float*>(scratch);  // (slices, columns)
    const EvenParts parts(s.rows, slices);
    parallel_for(slices, 1, [=](std::int64_t slice, std::int64_t end) {
      for (; slice < end; ++slice) {
        const Range rows = parts[slice];
        sum_rows(partial + slice * s.columns, x + rows.begin, matrix + rows.begin * s.columns,
                 rows.size(), s.columns);
      }
    });
    static constexpr float kOnes[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    sum_rows(c, kOnes, partial, slices, s.columns);
  }
  if (!is_empty(epilogue)) apply_epilogue(c, shape.n, 0, shape.m, 0, shape.n, epilogue);
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
