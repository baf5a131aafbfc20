// Philox on vectors: the random bits of whole superblocks (see ops/dropout_bits.hpp).

#if defined(BANACH_BACKEND_CPU_PHILOX_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_BACKEND_CPU_PHILOX_INL_HPP_
#undef BANACH_BACKEND_CPU_PHILOX_INL_HPP_
#else
#define BANACH_BACKEND_CPU_PHILOX_INL_HPP_
#endif

#include <banach/backend/cpu/simd-inl.hpp>
#include <banach/core/philox-inl.hpp>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

inline constexpr std::int64_t kSuperblock = 128, kBlocks = 16;

using BitsTag = hn::CappedTag<std::uint32_t, 16>;
using Bits = hn::Vec<BitsTag>;

#if HWY_TARGET != HWY_SCALAR
using Wide = banach::HWY_NAMESPACE::PhiloxLanes;
using WideTag = banach::HWY_NAMESPACE::PhiloxTag;
using banach::HWY_NAMESPACE::philox_rounds;
using banach::HWY_NAMESPACE::PhiloxBlocks;

HWY_INLINE Bits interleave(Wide even, Wide odd) {
  const BitsTag d;
  return hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}

// Both halves of a word, to two slots of the superblock.
HWY_INLINE void store_halves(std::uint32_t* bits, Bits word) {
  const BitsTag d;
  hn::StoreU(hn::And(word, hn::Set(d, 0xFFFF)), d, bits);
  hn::StoreU(hn::ShiftRight<16>(word), d, bits + kBlocks);
}

// The blocks counter[0], counter[0] + 2, ...
HWY_INLINE PhiloxBlocks every_second(const Philox::Counter& counter) {
  const WideTag d;
  return {hn::Add(hn::Set(d, counter[0]), hn::ShiftLeft<1>(hn::Iota(d, 0))), hn::Set(d, counter[1]),
          hn::Set(d, counter[2]), hn::Set(d, counter[3])};
}

HWY_INLINE Philox::Counter moved_on(Philox::Counter counter, std::uint32_t blocks) {
  counter[0] += blocks;
  return counter;
}

HWY_INLINE void store_bits(std::uint32_t* bits, std::int64_t count, const PhiloxBlocks& even,
                           const PhiloxBlocks& odd) {
  store_halves(bits, interleave(even.w0, odd.w0));
  if (count <= 2 * kBlocks) return;
  store_halves(bits + 2 * kBlocks, interleave(even.w1, odd.w1));
  store_halves(bits + 4 * kBlocks, interleave(even.w2, odd.w2));
  store_halves(bits + 6 * kBlocks, interleave(even.w3, odd.w3));
}

/// The bits of a vector of blocks, to their places in the first `count` of a superblock.
HWY_INLINE void random_blocks(std::uint32_t* bits, std::int64_t count,
                              const Philox::Counter& counter, const Philox::RoundKeys& keys) {
  PhiloxBlocks even = every_second(counter), odd = every_second(moved_on(counter, 1));
  philox_rounds(keys, even, odd);
  store_bits(bits, count, even, odd);
}

/// The bits of two superblocks, where a vector holds the blocks of one.
HWY_INLINE void random_pair(std::uint32_t* bits, const Philox::Counter& counter,
                            const Philox::RoundKeys& keys) {
  const Philox::Counter next = moved_on(counter, kBlocks);
  PhiloxBlocks even = every_second(counter), odd = every_second(moved_on(counter, 1));
  PhiloxBlocks next_even = every_second(next), next_odd = every_second(moved_on(next, 1));
  philox_rounds(keys, even, odd, next_even, next_odd);
  store_bits(bits, kSuperblock, even, odd);
  store_bits(bits + kSuperblock, kSuperblock, next_even, next_odd);
}
#else
HWY_INLINE void random_blocks(std::uint32_t* bits, std::int64_t, const Philox::Counter& counter,
                              const Philox::RoundKeys& keys) {
  const Philox::Counter words = Philox::generate(counter, keys.key());
  for (std::size_t slot = 0; slot < 8; ++slot) {
    bits[slot * kBlocks] = words[slot / 2] >> (slot % 2 * 16) & 0xFFFF;
  }
}
#endif

HWY_INLINE Philox::Counter counter_of(std::int64_t block, std::int64_t row, std::int64_t step) {
  return {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(row),
          static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32)};
}

/// The bits of the first `count` elements, at least, of superblocks `index` and, beyond 128, the
/// next.
inline HWY_NOINLINE void random_superblocks(std::uint32_t* bits, std::int64_t count,
                                            const Philox::RoundKeys& keys, std::int64_t step,
                                            std::int64_t row, std::int64_t index) {
  constexpr std::int64_t kLanes = hn::MaxLanes(BitsTag());
#if HWY_TARGET != HWY_SCALAR
  if (kLanes == kBlocks && count > kSuperblock) {
    return random_pair(bits, counter_of(index * kBlocks, row, step), keys);
  }
#endif
  for (; count > 0; count -= kSuperblock, bits += kSuperblock, ++index) {
    for (std::int64_t block = 0; block < std::min(count, kBlocks); block += kLanes) {
      random_blocks(bits + block, count, counter_of(index * kBlocks + block, row, step), keys);
    }
  }
}

/// Random bits along the rows of a tensor, made one or two superblocks at a time.
class RandomRow {
 public:
  static constexpr std::int64_t kMost = 2 * kSuperblock;  ///< elements that are made at once

  /// Each row has `row_size` elements.
  HWY_INLINE RandomRow(const Philox::Key& key, std::int64_t step, std::int64_t row_size)
      : keys_(key), step_(step), row_size_(row_size) {}

  /// Bits of element, element + 1, ... of a row, `count` of them; fewer, which `count` then says,
  /// where they end before. Readable a vector beyond.
  HWY_INLINE const std::uint32_t* at(std::int64_t row, std::int64_t element, std::int64_t& count) {
    if (row != row_ || element < begin_ || element >= end_) make(row, element, count);
    count = std::min(count, end_ - element);
    return bits_ + (element - begin_);
  }

 private:
  HWY_INLINE void make(std::int64_t row, std::int64_t element, std::int64_t count) {
    row_ = row;
    begin_ = element / kSuperblock * kSuperblock;
    const bool is_one = element + count <= begin_ + kSuperblock;
    end_ = std::min(row_size_, begin_ + (is_one ? kSuperblock : kMost));
    random_superblocks(bits_, end_ - begin_, keys_, step_, row, begin_ / kSuperblock);
  }

  HWY_ALIGN std::uint32_t bits_[kMost + kBlocks] = {};
  Philox::RoundKeys keys_;
  std::int64_t step_, row_size_;
  std::int64_t row_ = -1, begin_ = 0, end_ = 0;  // what bits_ are of
};

/// Lanes whose element is dropped.
HWY_INLINE hn::Mask<Tag> is_dropped(const std::uint32_t* bits, std::uint32_t threshold) {
  const hn::RebindToSigned<BitsTag> d;
  const auto values = hn::BitCast(d, hn::LoadU(BitsTag(), bits));
  return hn::RebindMask(Tag(), hn::Lt(values, hn::Set(d, static_cast<std::int32_t>(threshold))));
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif
