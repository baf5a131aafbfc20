#include <banach/backend/cpu/dropout.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/dropout.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/philox-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

/// Superblocks [begin, end) of all rows, counted through.
void dropout_superblocks(float* y, const float* x, std::int64_t begin, std::int64_t end,
                         std::int64_t row_size, std::int64_t step, const DropoutArguments& p,
                         bool streamed) {
  const std::int64_t per_row = (row_size + kSuperblock - 1) / kSuperblock;
  const Floats a = all(p.a), b = all(p.b), c = all(p.c);
  RandomRow random(p.key, step, row_size);
  for (std::int64_t block = begin; block < end; ++block) {
    const std::int64_t row = block / per_row, element = block % per_row * kSuperblock;
    const std::int64_t offset = row * row_size + element;
    const std::uint32_t* bits = random.at(row, element);
    for_each_vector(std::min(kSuperblock, row_size - element), streamed,
                    [&](auto access, std::int64_t i) HWY_ATTR {
                      const Floats kept = hn::MulAdd(a, access.load(x + offset + i), b);
                      const auto dropped = is_dropped(bits + i, p.threshold);
                      access.store(hn::IfThenElse(dropped, c, kept), y + offset + i);
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

HWY_EXPORT(dropout_superblocks);

void dropout(float* y, const float* x, std::int64_t rows, std::int64_t row_size, std::int64_t step,
             const DropoutArguments& arguments) {
  const std::int64_t superblocks = rows * ((row_size + 127) / 128);
  const bool streamed = is_streamed(y, x, rows, row_size);
  parallel_for(superblocks, kGrain / 128, [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(dropout_superblocks)
    (y, x, begin, end, row_size, step, arguments, streamed);
  });
}

}  // namespace banach::cpu
#endif
