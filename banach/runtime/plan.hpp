#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace banach {

/// A block of memory needed from step `first` to step `last`, both included.
struct Lifetime {
  std::size_t bytes = 0;
  int first = 0, last = 0;
};

/// Where each block lies in one arena.
struct MemoryPlan {
  std::vector<std::size_t> offsets;  // multiples of 64, in the order of the lifetimes
  std::size_t bytes = 0;             // of the arena
};

/// Best fit in order of first use: blocks that live at the same step never overlap.
MemoryPlan plan_memory(std::span<const Lifetime> lifetimes);

}  // namespace banach
