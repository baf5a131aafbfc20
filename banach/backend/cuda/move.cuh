#pragma once

// Kernels that move elements and do not look into them know only how large they are.

#include <cstddef>
#include <cstdint>

namespace banach::cuda {

/// Calls `f.template operator()<T>()` with an unsigned integer of 1, 2, 4 or 8 bytes.
template <class F>
auto visit_element(std::size_t bytes, const F& f) {
  switch (bytes) {
    case 1: return f.template operator()<std::uint8_t>();
    case 2: return f.template operator()<std::uint16_t>();
    case 4: return f.template operator()<std::uint32_t>();
    default: return f.template operator()<std::uint64_t>();
  }
}

}  // namespace banach::cuda
