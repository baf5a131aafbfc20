#include <banach/backend/cpu/gemm_bf16_pack.hpp>

#include <algorithm>
#include <cstring>
#include <hwy/base.h>

#if HWY_ARCH_X86
#include <immintrin.h>

// g++ 12 takes the undefined vectors inside its own intrinsics for a mistake.
#if HWY_COMPILER_GCC_ACTUAL
HWY_DIAGNOSTICS_OFF(disable : 4701, ignored "-Wmaybe-uninitialized")
#endif

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl")
namespace banach::cpu {
namespace {

constexpr std::int64_t kVector = 16;

/// The pairs of two steps that are rows, `count` elements side by side; no second step: zeros.
void interleave(Pair* to, const BFloat16* first, const BFloat16* second, std::int64_t count) {
  for (std::int64_t j = 0; j < count; j += kVector) {
    const auto mask = static_cast<__mmask16>((1U << std::min<std::int64_t>(16, count - j)) - 1);
    __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, first + j));
    if (second != nullptr) {
      const __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, second + j));
      low = _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
    }
    _mm512_mask_storeu_epi32(to + j, mask, low);
  }
}

void interleave_pair(Pair* to, const PairSource& from, std::int64_t pair, std::int64_t begin,
                     std::int64_t count) {
  const BFloat16* row = from.data + 2 * pair * from.stride + begin;
  interleave(to, row, 2 * pair + 1 < from.steps ? row + from.stride : nullptr, count);
}

Pair pair_at(const BFloat16* row, std::int64_t step, std::int64_t steps) {
  const Pair high = step + 1 < steps ? row[step + 1].bits() : 0;
  return row[step].bits() | (high << 16);
}

/// to[j][i] = from[i][j] of 4 x 4 pairs; `load(i)` gives row i.
template <class Load>
void transpose_4x4(Pair* to, std::int64_t width, const Load& load) {
  __m128 r0 = load(0), r1 = load(1), r2 = load(2), r3 = load(3);
  _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
  float* out = reinterpret_cast<float*>(to);
  _mm_storeu_ps(out, r0);
  _mm_storeu_ps(out + width, r1);
  _mm_storeu_ps(out + 2 * width, r2);
  _mm_storeu_ps(out + 3 * width, r3);
}

void pack_pairs_of_columns(Pair* to, std::int64_t width, const PairSource& from, std::int64_t first,
                           std::int64_t pairs, std::int64_t begin, std::int64_t count) {
  const std::int64_t step = 2 * first;
  const std::int64_t whole = (step + 2 * pairs <= from.steps ? pairs : pairs - 1) / 4 * 4;
  const BFloat16* data = from.data + begin * from.stride;
  std::int64_t j = 0;
  for (; j + 4 <= count; j += 4) {
    const BFloat16* row = data + j * from.stride;
    for (std::int64_t p = 0; p < whole; p += 4) {
      transpose_4x4(to + p * width + j, width, [&](std::int64_t r) {
        return _mm_loadu_ps(reinterpret_cast<const float*>(row + r * from.stride + step + 2 * p));
      });
    }
    for (std::int64_t p = whole; p < pairs; ++p) {
      for (std::int64_t r = 0; r < 4; ++r) {
        to[p * width + j + r] = pair_at(row + r * from.stride, step + 2 * p, from.steps);
      }
    }
  }
  for (; j < count; ++j) {
    for (std::int64_t p = 0; p < pairs; ++p) {
      to[p * width + j] = pair_at(data + j * from.stride, step + 2 * p, from.steps);
    }
  }
}

// Through a block of pairs that lie as the steps do, which is then transposed.
void pack_elements_of_rows(Pair* to, std::int64_t width, const PairSource& from, std::int64_t first,
                           std::int64_t pairs, std::int64_t begin, std::int64_t count) {
  constexpr std::int64_t kPairs = 16, kElements = 32;
  alignas(64) Pair block[kPairs * kElements] = {};
  for (std::int64_t p = 0; p < pairs; p += kPairs) {
    const std::int64_t filled = std::min(kPairs, pairs - p);
    for (std::int64_t q = 0; q < filled; ++q) {
      interleave_pair(block + q * kElements, from, first + p + q, begin, count);
    }
    std::fill(block + filled * kElements, block + kPairs * kElements, 0);
    for (std::int64_t i = 0; i < count; i += 4) {
      for (std::int64_t q = 0; q < kPairs; q += 4) {
        transpose_4x4(to + i * width + p + q, width, [&](std::int64_t r) {
          return _mm_load_ps(reinterpret_cast<const float*>(block + (q + r) * kElements + i));
        });
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
    interleave_pair(to + p * width, from, first + p, begin, count);
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
