#pragma once

#include <banach/core/host_device.hpp>

#include <bit>
#include <cstdint>
#include <type_traits>

namespace banach {

/// IEEE 754's binary16: 5 bits of exponent, 10 of fraction, at most 65504. Converts by rounding to
/// the nearest, ties to even, numbers of more bits than float over float; arithmetic happens in
/// float.
class Float16 {
 public:
  Float16() = default;
  BANACH_HOST_DEVICE explicit Float16(float value) : bits_(round(value)) {}
  template <class T>
  requires std::is_arithmetic_v<T> BANACH_HOST_DEVICE explicit Float16(T value)
      : Float16(static_cast<float>(value)) {}
  BANACH_HOST_DEVICE static Float16 from_bits(std::uint16_t bits) {
    Float16 result;
    result.bits_ = bits;
    return result;
  }

  BANACH_HOST_DEVICE operator float() const { return widen(bits_); }
  std::uint16_t bits() const { return bits_; }

 private:
#ifdef __CUDA_ARCH__
  BANACH_HOST_DEVICE static std::uint16_t round(float value) {
    std::uint16_t bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
  }
  BANACH_HOST_DEVICE static float widen(std::uint16_t bits) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
  }
#else
  static constexpr std::uint32_t kInfinity = 0x7F800000;                   // of float
  static constexpr std::uint32_t kRebias = std::uint32_t{127 - 15} << 23;  // between the exponents

  static std::uint16_t round(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
    return static_cast<std::uint16_t>(sign | round_magnitude(bits & 0x7FFFFFFF));
  }
  static std::uint32_t round_magnitude(std::uint32_t bits) {
    constexpr std::uint32_t kOverflow = 0x477FF000, kSmallestNormal = 0x38800000;  // 65520, 2^-14
    if (bits > kInfinity) return 0x7E00 | (bits >> 13 & 0x3FF);                    // quiet NaN
    if (bits >= kOverflow) return 0x7C00;
    if (bits >= kSmallestNormal) return (bits - kRebias + 0xFFF + (bits >> 13 & 1)) >> 13;
    // below, steps are 2^-24, as those of floats from 0.5 on
    return std::bit_cast<std::uint32_t>(std::bit_cast<float>(bits) + 0.5F) -
           std::bit_cast<std::uint32_t>(0.5F);
  }
  static float widen(std::uint16_t bits) {
    const std::uint32_t sign = std::uint32_t{bits & 0x8000U} << 16;
    return std::bit_cast<float>(sign | widen_magnitude(bits & 0x7FFFU));
  }
  static std::uint32_t widen_magnitude(std::uint32_t bits) {
    if (bits >= 0x7C00) return kInfinity | bits << 13;
    if (bits >= 0x0400) return (bits << 13) + kRebias;
    return std::bit_cast<std::uint32_t>(static_cast<float>(bits) * 0x1p-24F);
  }
#endif

  std::uint16_t bits_ = 0;
};

static_assert(sizeof(Float16) == 2);

}  // namespace banach
