#pragma once

#include <bit>
#include <cstdint>

namespace emulator {

/// As factors of TF32 have it: 10 bits of fraction.
inline float to_tf32(float x) {
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(x) + 0x1000) & ~0x1FFFu);
}

}  // namespace emulator
