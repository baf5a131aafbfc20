#pragma once

// Kernels that move elements and do not look into them know only how large they are, and move
// several at once where these lie side by side.

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace banach::cuda {

/// 16 bytes, the most that one load or store moves.
struct alignas(16) Vector {
  std::uint64_t low, high;
};

/// Calls `f.template operator()<T>()` with a type of 1, 2, 4, 8 or 16 bytes.
template <class F>
auto visit_unit(std::size_t bytes, const F& f) {
  switch (bytes) {
    case 1: return f.template operator()<std::uint8_t>();
    case 2: return f.template operator()<std::uint16_t>();
    case 4: return f.template operator()<std::uint32_t>();
    case 8: return f.template operator()<std::uint64_t>();
    default: return f.template operator()<Vector>();
  }
}

/// The largest such size that divides an address or all of these numbers of bytes.
inline std::size_t unit_of(const void* address) {
  const auto bits = reinterpret_cast<std::uintptr_t>(address) | sizeof(Vector);
  return bits & -bits;
}
inline std::size_t unit_of(std::initializer_list<std::int64_t> byte_counts) {
  std::uint64_t bits = sizeof(Vector);
  for (const std::int64_t count : byte_counts) bits |= static_cast<std::uint64_t>(count);
  return static_cast<std::size_t>(bits & -bits);
}

}  // namespace banach::cuda
