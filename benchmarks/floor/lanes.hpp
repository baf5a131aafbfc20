#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

/// Sixteen floats side by side, in the compiler's own vector type: what the floor's loops are
/// written in. On a machine with AVX-512 they are one register.
namespace banach::bench {

constexpr std::int64_t kLanes = 16;
using Lanes = float __attribute__((vector_size(64)));
using Words = std::uint32_t __attribute__((vector_size(64)));
using Halves = std::uint16_t __attribute__((vector_size(32)));

/// The upper half of a float.
enum class bfloat16 : std::uint16_t {};

inline Lanes load(const float* from) {
  Lanes value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline void store(float* to, Lanes value) { std::memcpy(to, &value, sizeof value); }

inline Lanes load(const bfloat16* from) {
  Halves halves;
  std::memcpy(&halves, from, sizeof halves);
  return std::bit_cast<Lanes>(__builtin_convertvector(halves, Words) << 16);
}
/// Rounds to nearest, ties to even.
inline void store(bfloat16* to, Lanes value) {
#ifdef __AVX512BF16__
  const auto halves = _mm512_cvtneps_pbh(std::bit_cast<__m512>(value));
#else
  const auto bits = std::bit_cast<Words>(value);
  const auto halves = __builtin_convertvector((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16, Halves);
#endif
  std::memcpy(to, &halves, sizeof halves);
}

inline float sum(Lanes value) {
  float total = 0;
  for (int i = 0; i < kLanes; ++i) total += value[i];
  return total;
}

/// e^x for x <= 0, to about 2 ulp: 2^n times Cephes' polynomial on the rest.
inline Lanes exp_negative(Lanes x) {
  x = x > -87.0F ? x : Lanes{} - 87.0F;
  const Lanes shifted = x * 1.44269504F + 12582912.0F;  // n, rounded, in the low bits
  const Lanes n = shifted - 12582912.0F;
  const Lanes f = x - n * 0.693359375F + n * 2.12194440e-4F;
  Lanes p = f * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * f + 8.3334519073e-3F;
  p = p * f + 4.1665795894e-2F;
  p = p * f + 1.6666665459e-1F;
  p = p * f + 5.0000001201e-1F;
  p = p * f * f + f + 1.0F;
  return std::bit_cast<Lanes>(std::bit_cast<Words>(p) + (std::bit_cast<Words>(shifted) << 23));
}

// Klambauer et al. 2017, equation 2.
constexpr float kScale = 1.05070098F, kScaleAlpha = 1.75809934F;

inline Lanes selu(Lanes x) {
  return x > 0 ? kScale * x : kScaleAlpha * exp_negative(x) - kScaleAlpha;
}

/// AlphaDropout after SELU: y = a x + b, or the constant `dropped` where a hash of the element's
/// number says so.
struct Dropout {
  explicit Dropout(double rate = 0);
  float a = 1, b = 0, dropped = 0;
  std::uint32_t threshold = 0;

  Lanes apply(Lanes y, std::uint32_t element, std::uint32_t step) const {
    if (threshold == 0) return y;
    Words hash = (element + Words{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} +
                  step * 0x27D4EB2FU) *
                 0x9E3779B1U;
    hash = (hash ^ (hash >> 15)) * 0x85EBCA6BU;
    return hash < threshold ? Lanes{} + dropped : a * y + b;
  }
  /// dx from dz and z, the result of SELU and dropout. Where z was dropped the second form is 0.
  Lanes gradient(Lanes dz, Lanes z) const {
    return dz * (z > b ? Lanes{} + a * kScale : z - (b - a * kScaleAlpha));
  }
};

}  // namespace banach::bench
