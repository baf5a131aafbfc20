// Philox on vectors, one block a 64-bit lane.

#if defined(BANACH_CORE_PHILOX_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_CORE_PHILOX_INL_HPP_
#undef BANACH_CORE_PHILOX_INL_HPP_
#else
#define BANACH_CORE_PHILOX_INL_HPP_
#endif

#include <banach/core/philox.hpp>

#include <cstdint>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace banach {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
using PhiloxTag = hn::CappedTag<std::uint64_t, 8>;
using PhiloxLanes = hn::Vec<PhiloxTag>;

/// The upper half of each lane in the lower; by a shuffle, which on many machines runs beside the
/// multiplications where a shift would wait for them.
HWY_INLINE PhiloxLanes upper_half(PhiloxLanes w) {
  const hn::RepartitionToNarrow<PhiloxTag> words;
  return hn::BitCast(PhiloxTag(), hn::DupOdd(hn::BitCast(words, w)));
}

HWY_INLINE PhiloxLanes philox_product(PhiloxLanes w, std::uint32_t multiplier) {
  const hn::RepartitionToNarrow<PhiloxTag> words;
  return hn::MulEven(hn::BitCast(words, w), hn::Set(words, multiplier));
}

/// A round of the words of several blocks. Only the low half of a lane counts: the high halves hold
/// rubbish that no multiplication sees.
HWY_INLINE void philox_round(PhiloxLanes& w0, PhiloxLanes& w1, PhiloxLanes& w2, PhiloxLanes& w3,
                             PhiloxLanes k0, PhiloxLanes k1) {
  const PhiloxLanes p0 = philox_product(w0, Philox::kMultiplier0);
  const PhiloxLanes p1 = philox_product(w2, Philox::kMultiplier1);
  w0 = hn::Xor(hn::Xor(upper_half(p1), w1), k0);
  w1 = p1;
  w2 = hn::Xor(hn::Xor(upper_half(p0), w3), k1);
  w3 = p0;
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace banach
HWY_AFTER_NAMESPACE();

#endif
