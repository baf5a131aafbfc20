#include <banach/backend/cpu/dropout.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/simd_targets.hpp>

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/dropout.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/philox-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

static_assert(kDropoutPart == RandomRow::kMost);

/// Parts [begin, end) of all rows, counted through.
void dropout_parts(float* y, const float* x, std::int64_t begin, std::int64_t end,
                   std::int64_t row_size, std::int64_t step, const DropoutArguments& p,
                   bool streamed) {
  const std::int64_t per_row = num_dropout_parts(row_size);
  const Floats a = all(p.a), b = all(p.b), c = all(p.c);
  RandomRow random(p.key, step, row_size);
  for (std::int64_t part = begin; part < end; ++part) {
    const std::int64_t row = part / per_row, element = part % per_row * kDropoutPart;
    const std::int64_t offset = row * row_size + element;
    std::int64_t count = std::min(kDropoutPart, row_size - element);
    const std::uint32_t* bits = random.at(row, element, count);
    for_each_vector(count, streamed, [&](auto access, std::int64_t i) HWY_ATTR {
      const Floats kept = hn::MulAdd(a, access.load(x + offset + i), b);
      access.store(hn::IfThenElse(is_dropped(bits + i, p.threshold), c, kept), y + offset + i);
    });
  }
  flush(streamed);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(dropout_parts);

void dropout(float* y, const float* x, std::int64_t rows, std::int64_t row_size, std::int64_t step,
             const DropoutArguments& arguments) {
  const bool streamed = is_streamed(y, x, rows, row_size);
  parallel_for(rows * num_dropout_parts(row_size), kGrain / kDropoutPart,
               [&](std::int64_t begin, std::int64_t end) {
                 HWY_DYNAMIC_DISPATCH(dropout_parts)
                 (y, x, begin, end, row_size, step, arguments, streamed);
               });
}

}  // namespace banach::cpu
#endif
