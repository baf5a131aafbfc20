#pragma once

#include <banach/core/host_device.hpp>
#include <banach/core/philox.hpp>

#include <cstddef>
#include <cstdint>

namespace banach {

inline constexpr int kDropoutSlots = 8;  // elements whose bits are in one Philox block
inline constexpr int kDropoutBlocks =
    16;  // blocks of a superblock; a block's elements lie so far apart

/// Elements of a row come in superblocks of 128, made by 16 Philox blocks. The four words of a
/// row's block `index`, superblock * 16 + block: the bits of the superblock's elements block,
/// block + 16, block + 32, ..., from the low half of the first word on.
BANACH_HOST_DEVICE inline Philox::Counter dropout_block(std::uint64_t key, std::int64_t step,
                                                        std::int64_t row, std::int64_t index) {
  return Philox::generate(
      {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(row),
       static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32)},
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)});
}

/// The 16 random bits of an element from its block, the `slot`-th of eight.
BANACH_HOST_DEVICE inline std::uint32_t dropout_slot(const Philox::Counter& block, int slot) {
  const std::uint32_t word = block[static_cast<std::size_t>(slot / 2)];
  return slot % 2 == 0 ? word & 0xFFFF : word >> 16;
}

/// The 16 random bits of one element. 16 consecutive elements are the 16 blocks at the same half
/// word, so that vector code makes blocks side by side and stores them without a shuffle.
BANACH_HOST_DEVICE inline std::uint32_t dropout_bits(std::uint64_t key, std::int64_t step,
                                                     std::int64_t row, std::int64_t element) {
  const std::int64_t superblock = element / 128, slot = element % 128 / 16, block = element % 16;
  return dropout_slot(dropout_block(key, step, row, superblock * 16 + block),
                      static_cast<int>(slot));
}

}  // namespace banach
