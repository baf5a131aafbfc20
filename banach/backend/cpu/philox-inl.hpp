// Philox on vectors: the random bits of a whole superblock (see dropout_bits in ops/dropout.hpp).

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
using banach::HWY_NAMESPACE::philox_round;

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

/// The bits of a vector of blocks, to their places in the first `count` of a superblock.
HWY_INLINE void random_blocks(std::uint32_t* bits, std::int64_t count,
                              const Philox::Counter& counter, const Philox::RoundKeys& keys) {
  const WideTag d;
  const Wide even_blocks = hn::Add(hn::Set(d, counter[0]), hn::ShiftLeft<1>(hn::Iota(d, 0)));
  Wide a0 = even_blocks, a1 = hn::Set(d, counter[1]);
  Wide a2 = hn::Set(d, counter[2]), a3 = hn::Set(d, counter[3]);
  Wide b0 = hn::Add(even_blocks, hn::Set(d, 1)), b1 = a1, b2 = a2, b3 = a3;
  for (std::size_t round = 0; round < Philox::kRounds; ++round) {
    const Wide k0 = hn::Set(d, keys.first[round]), k1 = hn::Set(d, keys.second[round]);
    philox_round(a0, a1, a2, a3, k0, k1);
    philox_round(b0, b1, b2, b3, k0, k1);
  }
  store_halves(bits, interleave(a0, b0));
  if (count <= 2 * kBlocks) return;
  store_halves(bits + 2 * kBlocks, interleave(a1, b1));
  store_halves(bits + 4 * kBlocks, interleave(a2, b2));
  store_halves(bits + 6 * kBlocks, interleave(a3, b3));
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

/// The bits of the first `count` elements, at least, of superblock `index` of a row.
inline HWY_NOINLINE void random_superblock(std::uint32_t* bits, std::int64_t count,
                                           const Philox::RoundKeys& keys, std::int64_t step,
                                           std::int64_t row, std::int64_t index) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(BitsTag()));
  for (std::int64_t block = 0; block < std::min(count, kBlocks); block += lanes) {
    const Philox::Counter counter = {
        static_cast<std::uint32_t>(index * kBlocks + block), static_cast<std::uint32_t>(row),
        static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32)};
    random_blocks(bits + block, count, counter, keys);
  }
}

/// Random bits along the rows of a tensor, made a superblock at a time.
class RandomRow {
 public:
  /// Each row has `row_size` elements.
  HWY_INLINE RandomRow(const Philox::Key& key, std::int64_t step, std::int64_t row_size)
      : keys_(key), step_(step), row_size_(row_size) {}

  /// How many elements from `element` on at() serves in one go.
  static HWY_INLINE std::int64_t available(std::int64_t element) {
    return kSuperblock - element % kSuperblock;
  }
  /// Bits of element, element + 1, ... of a row; readable a vector beyond the superblock.
  HWY_INLINE const std::uint32_t* at(std::int64_t row, std::int64_t element) {
    const std::int64_t index = element / kSuperblock;
    if (row != row_ || index != index_) {
      const std::int64_t count = std::min(kSuperblock, row_size_ - index * kSuperblock);
      random_superblock(bits_, count, keys_, step_, row, index);
      row_ = row;
      index_ = index;
    }
    return bits_ + element % kSuperblock;
  }

 private:
  HWY_ALIGN std::uint32_t bits_[kSuperblock + kBlocks] = {};
  Philox::RoundKeys keys_;
  std::int64_t step_, row_size_;
  std::int64_t row_ = -1, index_ = -1;
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
