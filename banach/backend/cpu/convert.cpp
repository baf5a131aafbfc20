#include <banach/backend/cpu/convert.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/convert.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/simd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

namespace {

template <class To, class From>
HWY_INLINE void convert_range(To* to, const From* from, std::int64_t count, bool streamed) {
  for_each_vector(count, streamed, [=](auto access, std::int64_t i) HWY_ATTR {
    access.store(access.load(from + i), to + i);
  });
  flush(streamed);
}

}  // namespace

void to_bfloat16(BFloat16* to, const float* from, std::int64_t count, bool streamed) {
  convert_range(to, from, count, streamed);
}
void from_bfloat16(float* to, const BFloat16* from, std::int64_t count, bool streamed) {
  convert_range(to, from, count, streamed);
}
void to_float16(Float16* to, const float* from, std::int64_t count, bool streamed) {
  convert_range(to, from, count, streamed);
}
void from_float16(float* to, const Float16* from, std::int64_t count, bool streamed) {
  convert_range(to, from, count, streamed);
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(to_bfloat16);
HWY_EXPORT(from_bfloat16);
HWY_EXPORT(to_float16);
HWY_EXPORT(from_float16);

void convert(BFloat16* to, const float* from, std::int64_t count, bool streamed) {
  HWY_DYNAMIC_DISPATCH(to_bfloat16)(to, from, count, streamed);
}
void convert(float* to, const BFloat16* from, std::int64_t count, bool streamed) {
  HWY_DYNAMIC_DISPATCH(from_bfloat16)(to, from, count, streamed);
}
void convert(Float16* to, const float* from, std::int64_t count, bool streamed) {
  HWY_DYNAMIC_DISPATCH(to_float16)(to, from, count, streamed);
}
void convert(float* to, const Float16* from, std::int64_t count, bool streamed) {
  HWY_DYNAMIC_DISPATCH(from_float16)(to, from, count, streamed);
}

}  // namespace banach::cpu
#endif
