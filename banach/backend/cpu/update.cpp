#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/update.hpp>
#include <banach/core/simd_targets.hpp>
#include <banach/ops/update.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/update.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/simd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

// A vector that formulas can be written with.
struct Lanes {
  Floats v;
};
HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return {hn::Add(a.v, b.v)}; }
HWY_INLINE Lanes operator-(Lanes a, Lanes b) { return {hn::Sub(a.v, b.v)}; }
HWY_INLINE Lanes operator*(Lanes a, Lanes b) { return {hn::Mul(a.v, b.v)}; }
HWY_INLINE Lanes operator/(Lanes a, Lanes b) { return {hn::Div(a.v, b.v)}; }
HWY_INLINE Lanes operator-(Lanes a) { return {hn::Neg(a.v)}; }
HWY_INLINE Lanes square_root(Lanes a) { return {hn::Sqrt(a.v)}; }
HWY_INLINE Lanes absolute(Lanes a) { return {hn::Abs(a.v)}; }
HWY_INLINE Lanes maximum(Lanes a, Lanes b) {
  return {hn::IfThenElse(hn::Or(hn::Ge(a.v, b.v), hn::IsNaN(a.v)), a.v, b.v)};
}

#include <banach/ops/update_formulas-inl.hpp>

template <class Rule, bool kDecays>
void update_range(const UpdateSegment& s, const UpdateArguments& arguments) {
  std::array<Lanes, std::tuple_size_v<decltype(Rule().numbers({}))>> numbers;
  for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = {all(arguments.numbers[k])};
  const Lanes decay{all(arguments.decay)}, scale{all(arguments.scale)};
  for_each_vector(s.size, [&](auto access, std::int64_t i) HWY_ATTR {
    std::array<Lanes, Rule::kSlots> slots;
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) slots[k - 1] = {access.load(s.from[k] + i)};
    Lanes w{access.load(s.from[0] + i)};
    if constexpr (kDecays) w = w - decay * w;
    w = w - change(Rule(), Lanes{access.load(s.g + i)} * scale, slots, numbers);
    access.store(w.v, s.to[0] + i);
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) access.store(slots[k - 1].v, s.to[k] + i);
  });
}

UpdateRange choose_update(std::string_view rule, bool decays) {
  UpdateRange found = nullptr;
  functions::with_name<rules::All>(rule, [&]<class Rule>() {
    found = decays ? update_range<Rule, true> : update_range<Rule, false>;
  });
  return found;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(choose_update);

UpdateRange find_update(std::string_view rule, bool decays) {
  return HWY_DYNAMIC_DISPATCH(choose_update)(rule, decays);
}

void update(UpdateRange range, std::span<const UpdateSegment> segments,
            const UpdateArguments& arguments) {
  std::int64_t total = 0;
  for (const UpdateSegment& s : segments) total += s.size;
  parallel_ranges(total, 64, kGrain, [&](std::int64_t begin, std::int64_t end) {
    std::int64_t start = 0;  // of a segment within all of them
    for (const UpdateSegment& s : segments) {
      const std::int64_t from = std::max<std::int64_t>(begin - start, 0);
      const std::int64_t to = std::min(end - start, s.size);
      if (from < to) range(s.part(from, to), arguments);
      start += s.size;
    }
  });
}

}  // namespace banach::cpu
#endif
