#pragma once

// How the elements of a dropout are spread over threads: a block of random bits is for
// kDropoutSlots elements, kDropoutBlocks apart.

#include <banach/backend/cuda/launch.cuh>
#include <banach/ops/dropout_bits.hpp>

namespace banach::cuda {

/// Blocks of random bits for a row of so many elements: those of whole superblocks.
inline std::int64_t dropout_blocks(std::int64_t columns) {
  constexpr std::int64_t kSuperblock = kDropoutSlots * kDropoutBlocks;
  return (columns + kSuperblock - 1) / kSuperblock * kDropoutBlocks;
}

/// Elements element, element + kDropoutBlocks, ... of a row, whose bits are in slot, slot + 1, ...
/// of a block.
struct DropoutPlace {
  std::int64_t row, block, element;
  int slot;
};

/// Of the i-th thread, if a thread takes kCount slots of a block: neighbours have neighbouring
/// elements.
template <int kCount>
__device__ DropoutPlace dropout_place(std::int64_t i, std::int64_t blocks_per_row) {
  constexpr int kThreadsOfBlock = kDropoutSlots / kCount;
  const std::int64_t threads_per_row = blocks_per_row * kThreadsOfBlock;
  const std::int64_t row = quotient(i, threads_per_row), index = i - row * threads_per_row;
  const std::int64_t group = index / kDropoutBlocks, across = index % kDropoutBlocks;
  const int slot = static_cast<int>(group % kThreadsOfBlock) * kCount;
  const std::int64_t superblock = group / kThreadsOfBlock;
  return {row, superblock * kDropoutBlocks + across,
          superblock * kDropoutSlots * kDropoutBlocks + slot * kDropoutBlocks + across, slot};
}

/// start.operator()<kCount>(number of threads): a thread per block of bits, or one per element
/// where there is too little for a large GPU.
template <class Start>
Status launch_dropout(std::int64_t blocks, const Start& start) {
  constexpr std::int64_t kFewBlocks = 1 << 16;
  return blocks < kFewBlocks ? start.template operator()<1>(blocks * kDropoutSlots)
                             : start.template operator()<kDropoutSlots>(blocks);
}

}  // namespace banach::cuda
