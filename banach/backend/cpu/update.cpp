#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/targets.hpp>
#include <banach/backend/cpu/update.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/update.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/simd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

void adam_range(const Segment& s, const AdamArguments& p) {
  const Floats complement_1 = all(p.complement_1), complement_2 = all(p.complement_2);
  const Floats alpha = all(p.alpha), epsilon = all(p.epsilon);
  for_each_vector(s.size, [&](auto access, std::int64_t i) HWY_ATTR {
    const Floats g = access.load(s.g + i), m = access.load(s.m + i), v = access.load(s.v + i);
    const Floats new_m = hn::MulAdd(hn::Sub(g, m), complement_1, m);
    const Floats new_v = hn::MulAdd(hn::MulSub(g, g, v), complement_2, v);
    const Floats step = hn::Div(hn::Mul(alpha, new_m), hn::Add(hn::Sqrt(new_v), epsilon));
    access.store(new_m, s.m + i);
    access.store(new_v, s.v + i);
    access.store(hn::Sub(access.load(s.w + i), step), s.w + i);
  });
}

void sgd_range(const Segment& s, const SgdArguments& p) {
  const Floats momentum = all(p.momentum), rate = all(p.rate);
  for_each_vector(s.size, [&](auto access, std::int64_t i) HWY_ATTR {
    const Floats w = access.load(s.w + i), g = access.load(s.g + i);
    if (s.m == nullptr) {
      access.store(hn::NegMulAdd(rate, g, w), s.w + i);
      return;
    }
    const Floats step = hn::Mul(rate, g);
    const Floats velocity = hn::MulSub(momentum, access.load(s.m + i), step);
    access.store(velocity, s.m + i);
    const Floats move = p.nesterov ? hn::MulSub(momentum, velocity, step) : velocity;
    access.store(hn::Add(w, move), s.w + i);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(adam_range);
HWY_EXPORT(sgd_range);

namespace {

float* advance(float* p, std::int64_t offset) { return p == nullptr ? nullptr : p + offset; }

/// Calls update(part of a segment) in parallel over all segments laid end to end.
template <class Update>
void for_each_part(std::span<const Segment> segments, const Update& update) {
  std::int64_t total = 0;
  for (const Segment& s : segments) total += s.size;
  parallel_ranges(total, 64, kGrain, [&](std::int64_t begin, std::int64_t end) {
    std::int64_t start = 0;  // of a segment within all of them
    for (const Segment& s : segments) {
      const std::int64_t from = std::max<std::int64_t>(begin - start, 0);
      const std::int64_t to = std::min(end - start, s.size);
      if (from < to) {
        update({s.w + from, advance(s.m, from), advance(s.v, from), s.g + from, to - from});
      }
      start += s.size;
    }
  });
}

}  // namespace

void adam(std::span<const Segment> segments, const AdamArguments& arguments) {
  for_each_part(segments, [&](const Segment& part) {
    HWY_DYNAMIC_DISPATCH(adam_range)(part, arguments);
  });
}

void sgd(std::span<const Segment> segments, const SgdArguments& arguments) {
  for_each_part(segments, [&](const Segment& part) {
    HWY_DYNAMIC_DISPATCH(sgd_range)(part, arguments);
  });
}

}  // namespace banach::cpu
#endif
