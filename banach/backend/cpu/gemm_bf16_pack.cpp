#include <banach/backend/cpu/gemm_bf16_pack.hpp>

#include <algorithm>
#include <cstring>
#include <hwy/base.h>

#if HWY_ARCH_X86
#include <immintrin.h>

// g++ 12 takes the undefined vectors inside its own intrinsics for a mistake.
#if HWY_COMPILER_GCC_ACTUAL
HWY_DIAGNOSTICS_OFF(disable : 4701, ignored "-Wmaybe-uninitialized")
HWY_DIAGNOSTICS_OFF(disable : 4701, ignored "-Wuninitialized")
#endif

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl")
namespace banach::cpu {
namespace {

constexpr std::int64_t kVector = 16;  // pairs

__mmask16 first_of_16(std::int64_t count) {
  return static_cast<__mmask16>((1U << std::clamp<std::int64_t>(count, 0, 16)) - 1);
}
__mmask32 first_of_32(std::int64_t count) {
  return static_cast<__mmask32>((std::uint64_t{1} << std::clamp<std::int64_t>(count, 0, 32)) - 1);
}

/// The pairs of two steps that are rows, up to 16 elements side by side; no second step: zeros.
__m512i interleave(const BFloat16* first, const BFloat16* second, __mmask16 mask) {
  const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, first));
  if (second == nullptr) return low;
  const __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, second));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

/// Of a matrix whose steps are rows: pair `pair` of up to 16 elements from `begin` on.
__m512i load_pair(const PairSource& from, std::int64_t pair, std::int64_t begin, __mmask16 mask) {
  const BFloat16* row = from.data + 2 * pair * from.stride + begin;
  return interleave(row, 2 * pair + 1 < from.steps ? row + from.stride : nullptr, mask);
}

/// Rows become columns, 16 by 16 pairs: within four, within lanes of four, then the lanes.
void transpose(__m512i (&r)[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  constexpr int kEven = 0x88, kOdd = 0xDD;  // lanes 0 and 2, or 1 and 3, of each
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    const __m512i even_up = _mm512_shuffle_i32x4(r[c], r[4 + c], kEven);
    const __m512i even_down = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], kEven);
    const __m512i odd_up = _mm512_shuffle_i32x4(r[c], r[4 + c], kOdd);
    const __m512i odd_down = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], kOdd);
    t[c] = _mm512_shuffle_i32x4(even_up, even_down, kEven);
    t[4 + c] = _mm512_shuffle_i32x4(odd_up, odd_down, kEven);
    t[8 + c] = _mm512_shuffle_i32x4(even_up, even_down, kOdd);
    t[12 + c] = _mm512_shuffle_i32x4(odd_up, odd_down, kOdd);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) r[i] = t[i];
}

void pack_pairs_of_columns(Pair* to, std::int64_t width, const PairSource& from, std::int64_t first,
                           std::int64_t pairs, std::int64_t begin, std::int64_t count) {
  for (std::int64_t j = 0; j < count; j += kVector) {
    const std::int64_t rows = std::min(kVector, count - j);
    const BFloat16* data = from.data + (begin + j) * from.stride;
    for (std::int64_t p = 0; p < pairs; p += kVector) {
      const std::int64_t step = 2 * (first + p);
      const __mmask32 mask = first_of_32(from.steps - step);
      __m512i block[16];
      for (std::int64_t i = 0; i < 16; ++i) {
        block[i] = i < rows ? _mm512_maskz_loadu_epi16(mask, data + i * from.stride + step)
                            : _mm512_setzero_si512();
      }
      transpose(block);
      for (std::int64_t q = 0; q < std::min(kVector, pairs - p); ++q) {
        _mm512_mask_storeu_epi32(to + (p + q) * width + j, first_of_16(rows), block[q]);
      }
    }
  }
}

void pack_elements_of_rows(Pair* to, std::int64_t width, const PairSource& from, std::int64_t first,
                           std::int64_t pairs, std::int64_t begin, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += kVector) {
    const std::int64_t rows = std::min(kVector, count - i);
    for (std::int64_t p = 0; p < width; p += kVector) {
      __m512i block[16];
      for (std::int64_t q = 0; q < 16; ++q) {
        block[q] = p + q < pairs ? load_pair(from, first + p + q, begin + i, first_of_16(rows))
                                 : _mm512_setzero_si512();
      }
      transpose(block);
      for (std::int64_t r = 0; r < rows; ++r) {
        _mm512_storeu_si512(to + (i + r) * width + p, block[r]);
      }
    }
  }
}

void pack_elements_of_columns(Pair* to, std::int64_t width, const PairSource& from,
                              std::int64_t first, std::int64_t pairs, std::int64_t begin,
                              std::int64_t count) {
  const std::int64_t steps = std::min(2 * pairs, from.steps - 2 * first);
  for (std::int64_t i = 0; i < count; ++i) {
    auto* row = reinterpret_cast<BFloat16*>(to + i * width);
    std::memcpy(row, from.data + (begin + i) * from.stride + 2 * first,
                static_cast<std::size_t>(steps) * sizeof(BFloat16));
    std::fill(row + steps, row + 2 * width, BFloat16());
  }
}

}  // namespace

void pack_pairs(Pair* to, std::int64_t width, const PairSource& from, std::int64_t first,
                std::int64_t pairs, std::int64_t begin, std::int64_t count) {
  if (!from.by_rows) return pack_pairs_of_columns(to, width, from, first, pairs, begin, count);
  for (std::int64_t p = 0; p < pairs; ++p) {
    for (std::int64_t j = 0; j < count; j += kVector) {
      const __mmask16 mask = first_of_16(count - j);
      _mm512_mask_storeu_epi32(to + p * width + j, mask,
                               load_pair(from, first + p, begin + j, mask));
    }
  }
}

void pack_elements(Pair* to, std::int64_t width, const PairSource& from, std::int64_t first,
                   std::int64_t pairs, std::int64_t begin, std::int64_t count) {
  from.by_rows ? pack_elements_of_rows(to, width, from, first, pairs, begin, count)
               : pack_elements_of_columns(to, width, from, first, pairs, begin, count);
}

}  // namespace banach::cpu
HWY_POP_ATTRIBUTES

#endif
