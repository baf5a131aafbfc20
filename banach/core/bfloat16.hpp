#pragma once

#include <banach/core/host_device.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace banach {

/// The upper half of a float32: 8 bits of exponent, 7 of fraction. Converts by rounding to the
/// nearest, ties to even; arithmetic happens in float.
class BFloat16 {
 public:
  BFloat16() = default;
  BANACH_HOST_DEVICE explicit BFloat16(float value) : bits_(round(value)) {}
  template <class T>
  requires std::is_arithmetic_v<T> BANACH_HOST_DEVICE explicit BFloat16(T value)
      : BFloat16(static_cast<float>(value)) {}
  BANACH_HOST_DEVICE static BFloat16 from_bits(std::uint16_t bits) {
    BFloat16 result;
    result.bits_ = bits;
    return result;
  }

  BANACH_HOST_DEVICE operator float() const {
    return std::bit_cast<float>(std::uint32_t{bits_} << 16);
  }
  std::uint16_t bits() const { return bits_; }

 private:
  BANACH_HOST_DEVICE static std::uint16_t round(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16) | 0x40);  // quiet
    return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
  }

  std::uint16_t bits_ = 0;
};

static_assert(sizeof(BFloat16) == 2);

}  // namespace banach
