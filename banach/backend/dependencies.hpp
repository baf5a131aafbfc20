#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace banach {

/// The memory that a kernel reads, and what it writes, scratch memory included.
struct Access {
  std::vector<std::span<const std::byte>> reads, writes;
};

/// Of kernels that were laid out to run one after the other: for each the earlier ones that have to
/// be done first, because it reads what they write, or writes what they read or write. Without
/// those that are waited for anyway. Beyond a thousand kernels each waits for the one before.
std::vector<std::vector<std::size_t>> find_dependencies(std::span<const Access> accesses);

/// Each waits for the one before.
std::vector<std::vector<std::size_t>> chain_dependencies(std::size_t kernels);

}  // namespace banach
