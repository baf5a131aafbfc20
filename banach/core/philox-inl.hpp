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

/// The four words of several blocks. Only the low half of a lane counts: the high halves hold
/// rubbish that no multiplication sees.
struct PhiloxBlocks {
  PhiloxLanes w0, w1, w2, w3;
};

HWY_INLINE void philox_round(PhiloxBlocks& b, PhiloxLanes k0, PhiloxLanes k1) {
  const PhiloxLanes p0 = philox_product(b.w0, Philox::kMultiplier0);
  const PhiloxLanes p1 = philox_product(b.w2, Philox::kMultiplier1);
  b.w0 = hn::Xor(hn::Xor(upper_half(p1), b.w1), k0);
  b.w1 = p1;
  b.w2 = hn::Xor(hn::Xor(upper_half(p0), b.w3), k1);
  b.w3 = p0;
}

/// All rounds of `blocks`, side by side: a round waits for the products of the one before, and
/// others can multiply meanwhile.
template <class... Blocks>
HWY_INLINE void philox_rounds(const Philox::RoundKeys& keys, Blocks&... blocks) {
  const PhiloxTag d;
#pragma GCC unroll 10
  for (std::size_t round = 0; round < Philox::kRounds; ++round) {
    const PhiloxLanes k0 = hn::Set(d, keys.first[round]), k1 = hn::Set(d, keys.second[round]);
    (philox_round(blocks, k0, k1), ...);
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace banach
HWY_AFTER_NAMESPACE();

#endif
