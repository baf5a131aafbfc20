#include <banach/backend/cpu/reduce.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/reduce.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/column_sums-inl.hpp>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

void sum_slice(float* sums, const float* x, std::int64_t row_begin, std::int64_t row_end,
               std::int64_t columns) {
  sum_rows(sums, row_begin, row_end, columns,
           [=](auto access, std::int64_t i, std::int64_t) HWY_ATTR { return access.load(x + i); });
}

HWY_INLINE Floats larger(Floats a, Floats b) {
  return hn::IfThenElse(hn::Or(hn::Ge(a, b), hn::IsNaN(a)), a, b);
}

// y = combine(y, x) for the rows of x in their order, a few of them for each load of y.
template <class Combine>
HWY_INLINE void fold_rows(float* y, const float* x, std::int64_t rows, std::int64_t columns,
                          const Combine& combine) {
  constexpr std::int64_t kRowsAtOnce = 8;
  for (std::int64_t row = 0; row < rows; row += kRowsAtOnce) {
    const std::int64_t end = std::min(row + kRowsAtOnce, rows);
    for_each_vector(columns, [&](auto access, std::int64_t column) HWY_ATTR {
      Floats result = access.load(y + column);
      for (std::int64_t r = row; r < end; ++r) {
        result = combine(result, access.load(x + r * columns + column), access, column);
      }
      access.store(result, y + column);
    });
  }
}

void add_rows(float* y, const float* x, std::int64_t rows, std::int64_t columns) {
  fold_rows(y, x, rows, columns,
            [](Floats sum, Floats v, auto, std::int64_t) HWY_ATTR { return hn::Add(sum, v); });
}

void larger_rows(float* y, const float* x, std::int64_t rows, std::int64_t columns) {
  fold_rows(y, x, rows, columns,
            [](Floats best, Floats v, auto, std::int64_t) HWY_ATTR { return larger(best, v); });
}

void count_rows(float* counts, const float* x, const float* y, std::int64_t rows,
                std::int64_t columns) {
  fold_rows(counts, x, rows, columns,
            [=](Floats count, Floats v, auto access, std::int64_t column) HWY_ATTR {
              const auto equal = hn::Eq(v, access.load(y + column));
              return hn::Add(count, hn::IfThenElseZero(equal, all(1)));
            });
}

void share_rows(float* dx, const float* shares, const float* x, const float* y, std::int64_t rows,
                std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    for_each_vector(columns, [=](auto access, std::int64_t column) HWY_ATTR {
      const std::int64_t i = row * columns + column;
      const auto equal = hn::Eq(access.load(x + i), access.load(y + column));
      access.store(hn::IfThenElseZero(equal, access.load(shares + column)), dx + i);
    });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(sum_slice);
HWY_EXPORT(add_rows);
HWY_EXPORT(larger_rows);
HWY_EXPORT(count_rows);
HWY_EXPORT(share_rows);

std::size_t column_sums_scratch_bytes(std::int64_t rows, std::int64_t columns) {
  return Slices(rows, columns).scratch_bytes();
}

void column_sums(float* sums, const float* x, std::int64_t rows, std::int64_t columns,
                 std::byte* scratch) {
  Slices(rows, columns)
      .run(sums, scratch, kLightGrain, [&](float* part, std::int64_t begin, std::int64_t end) {
        HWY_DYNAMIC_DISPATCH(sum_slice)(part, x, begin, end, columns);
      });
}

namespace {

constexpr std::int64_t kLanes = 8;       // sums side by side, which the compiler vectorizes
constexpr std::int64_t kMaxSlices = 64;  // few enough for the stack

template <class Value>
double sum_of(std::int64_t begin, std::int64_t end, const Value& value) {
  double sums[kLanes] = {};
  std::int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += value(i + lane);
  }
  for (; i < end; ++i) sums[0] += value(i);
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

double sum_of(const float* values, const float* weights, std::int64_t begin, std::int64_t end) {
  if (weights == nullptr) {
    return sum_of(begin, end, [=](std::int64_t i) { return double{values[i]}; });
  }
  return sum_of(begin, end, [=](std::int64_t i) { return double{values[i]} * weights[i]; });
}

}  // namespace

void row_sums(float* y, const float* x, std::int64_t outer, std::int64_t rows,
              std::int64_t columns) {
  parallel_rows(outer, rows * columns, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    if (columns == 1) {
      for (std::int64_t i = begin; i < end; ++i) {
        y[i] = static_cast<float>(sum_of(x + i * rows, nullptr, 0, rows));
      }
      return;
    }
    std::fill(y + begin * columns, y + end * columns, 0.0f);
    for (std::int64_t i = begin; i < end; ++i) {
      HWY_DYNAMIC_DISPATCH(add_rows)(y + i * columns, x + i * rows * columns, rows, columns);
    }
  });
}

void row_maxima(float* y, const float* x, std::int64_t outer, std::int64_t rows,
                std::int64_t columns) {
  parallel_rows(outer, rows * columns, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    std::fill(y + begin * columns, y + end * columns, -std::numeric_limits<float>::infinity());
    for (std::int64_t i = begin; i < end; ++i) {
      HWY_DYNAMIC_DISPATCH(larger_rows)(y + i * columns, x + i * rows * columns, rows, columns);
    }
  });
}

void row_maxima_grad(float* dx, const float* dy, const float* x, const float* y, std::int64_t outer,
                     std::int64_t rows, std::int64_t columns, std::byte* scratch) {
  auto* shares = reinterpret_cast<float*>(scratch);  // (outer, columns): counts, then dy / counts
  parallel_rows(outer, rows * columns, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    std::fill(shares + begin * columns, shares + end * columns, 0.0f);
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t at = i * columns, first = at * rows;
      HWY_DYNAMIC_DISPATCH(count_rows)(shares + at, x + first, y + at, rows, columns);
      for (std::int64_t c = at; c < at + columns; ++c) shares[c] = dy[c] / shares[c];
      HWY_DYNAMIC_DISPATCH(share_rows)(dx + first, shares + at, x + first, y + at, rows, columns);
    }
  });
}

void repeat_rows(float* y, const float* x, std::int64_t outer, std::int64_t rows,
                 std::int64_t columns) {
  if (columns == 1) {
    parallel_rows(outer, rows, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) std::fill_n(y + i * rows, rows, x[i]);
    });
    return;
  }
  parallel_rows(outer * rows, columns, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::copy_n(x + row / rows * columns, columns, y + row * columns);
    }
  });
}

double weighted_sum(const float* values, const float* weights, std::int64_t size) {
  double sums[kMaxSlices];
  const std::int64_t slices = std::clamp<std::int64_t>(size / kGrain, 1, kMaxSlices);
  parallel_for(slices, std::max<std::int64_t>(1, kGrain * slices / std::max<std::int64_t>(size, 1)),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   sums[i] = sum_of(values, weights, size * i / slices, size * (i + 1) / slices);
                 }
               });
  double total = 0;
  for (std::int64_t i = 0; i < slices; ++i) total += sums[i];
  return total;
}

void weighted_mean_grad(float* dvalues, float dmean, const float* weights, std::int64_t size) {
  const float factor = dmean / static_cast<float>(size);
  parallel_ranges(size, 64, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    if (weights == nullptr) {
      std::fill(dvalues + begin, dvalues + end, factor);
    } else {
      std::transform(weights + begin, weights + end, dvalues + begin,
                     [=](float weight) { return factor * weight; });
    }
  });
}

}  // namespace banach::cpu
#endif
