#include <banach/backend/cpu/convert.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/convert.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/simd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

void narrow(BFloat16* to, const float* from, std::int64_t count) {
  for_each_vector(count, [=](auto access, std::int64_t i)
                             HWY_ATTR { access.store(access.load(from + i), to + i); });
}

void widen(float* to, const BFloat16* from, std::int64_t count) {
  for_each_vector(count, [=](auto access, std::int64_t i)
                             HWY_ATTR { access.store(access.load(from + i), to + i); });
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(narrow);
HWY_EXPORT(widen);

void convert(BFloat16* to, const float* from, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(narrow)(to, from, count);
}
void convert(float* to, const BFloat16* from, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(widen)(to, from, count);
}

}  // namespace banach::cpu
#endif
