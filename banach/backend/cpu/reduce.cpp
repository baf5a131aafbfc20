#include <banach/backend/cpu/reduce.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/reduce.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/column_sums-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

void sum_slice(float* sums, const float* x, std::int64_t row_begin, std::int64_t row_end,
               std::int64_t columns) {
  sum_rows(sums, row_begin, row_end, columns,
           [=](auto access, std::int64_t i, std::int64_t) HWY_ATTR { return access.load(x + i); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(sum_slice);

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
