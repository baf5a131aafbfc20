#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/gemm_bf16.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>

#include <array>
#include <cstring>
#include <hwy/base.h>
#include <utility>

#if HWY_ARCH_X86
#include <immintrin.h>
#endif

// g++ 12 takes the undefined vectors inside its own intrinsics for a mistake.
#if HWY_COMPILER_GCC_ACTUAL
HWY_DIAGNOSTICS_OFF(disable : 4701, ignored "-Wmaybe-uninitialized")
#endif

namespace banach::cpu {

#if HWY_ARCH_X86

bool has_bf16_products() {
  static const bool supported = __builtin_cpu_supports("avx512bf16") &&
                                __builtin_cpu_supports("avx512bw") &&
                                __builtin_cpu_supports("avx512vl");
  return supported;
}

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512bf16")
namespace {

// The instruction multiplies pairs: two steps of the sum, which lie side by side in 32 bits.
using Pair = std::uint32_t;

constexpr int kTileRows = 8, kTileVectors = 3;  // 24 accumulators of 32 registers
constexpr std::int64_t kVector = 16;
constexpr std::int64_t kDepth = 256;         // pairs in one pass over c
constexpr std::int64_t kBlockColumns = 384;  // with kDepth, packed b is 384 KiB
constexpr std::int64_t kSerialPairs = 200000;

std::int64_t pairs_of(std::int64_t k) { return ceil_div(k, 2); }

/// The pairs of steps 2p and 2p + 1 of a matrix whose steps are rows: `count` columns side by side.
void pack_rows(Pair* to, const BFloat16* first, const BFloat16* second, std::int64_t count) {
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

Pair pair_at(const BFloat16* row, std::int64_t step, std::int64_t k) {
  const Pair high = step + 1 < k ? row[step + 1].bits() : 0;
  return row[step].bits() | (high << 16);
}

/// to[p][j] = pair p of row j: a transpose of 32-bit elements, four by four.
void pack_columns(Pair* to, std::int64_t width, const BFloat16* from, std::int64_t stride,
                  std::int64_t step, std::int64_t pairs, std::int64_t columns, std::int64_t k) {
  const std::int64_t whole = (step + 2 * pairs <= k ? pairs : pairs - 1) / 4 * 4;
  std::int64_t j = 0;
  for (; j + 4 <= columns; j += 4) {
    const BFloat16* row = from + j * stride + step;
    for (std::int64_t p = 0; p < whole; p += 4) {
      const auto load = [&](std::int64_t r) {
        return _mm_loadu_ps(reinterpret_cast<const float*>(row + r * stride + 2 * p));
      };
      __m128 r0 = load(0), r1 = load(1), r2 = load(2), r3 = load(3);
      _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
      float* out = reinterpret_cast<float*>(to + p * width + j);
      _mm_storeu_ps(out, r0);
      _mm_storeu_ps(out + width, r1);
      _mm_storeu_ps(out + 2 * width, r2);
      _mm_storeu_ps(out + 3 * width, r3);
    }
    for (std::int64_t p = whole; p < pairs; ++p) {
      for (std::int64_t r = 0; r < 4; ++r) {
        to[p * width + j + r] = pair_at(from + (j + r) * stride, step + 2 * p, k);
      }
    }
  }
  for (; j < columns; ++j) {
    for (std::int64_t p = 0; p < pairs; ++p) {
      to[p * width + j] = pair_at(from + j * stride, step + 2 * p, k);
    }
  }
}

struct Tile {
  const Pair* a[kTileRows];
  std::int64_t a_step, pairs;
  const Pair* b;
  std::int64_t b_step;
  float* c;
  std::int64_t c_stride, columns;
  bool accumulate;
};

template <int kR, int kV>
void multiply_tile(const Tile& t) {
  __m512 sum[kR][kV];
#pragma GCC unroll 8
  for (int r = 0; r < kR; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) sum[r][v] = _mm512_setzero_ps();
  }
  const Pair* b = t.b;
  for (std::int64_t p = 0; p < t.pairs; ++p, b += t.b_step) {
    __m512i row[kV];
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) row[v] = _mm512_loadu_si512(b + v * kVector);
#pragma GCC unroll 8
    for (int r = 0; r < kR; ++r) {
      int pair;
      std::memcpy(&pair, t.a[r] + p * t.a_step, sizeof pair);
      const __m512i element = _mm512_set1_epi32(pair);
#pragma GCC unroll 8
      for (int v = 0; v < kV; ++v) {
        sum[r][v] = _mm512_dpbf16_ps(sum[r][v], reinterpret_cast<__m512bh>(element),
                                     reinterpret_cast<__m512bh>(row[v]));
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kR; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) {
      float* c = t.c + r * t.c_stride + v * kVector;
      const std::int64_t left = std::min<std::int64_t>(16, t.columns - v * kVector);
      const auto mask = static_cast<__mmask16>((1U << left) - 1);
      const __m512 old = t.accumulate ? _mm512_maskz_loadu_ps(mask, c) : _mm512_setzero_ps();
      _mm512_mask_storeu_ps(c, mask, _mm512_add_ps(old, sum[r][v]));
    }
  }
}

using TileFunction = void (*)(const Tile&);
template <int... kIndex>
constexpr auto make_tiles(std::integer_sequence<int, kIndex...>) {
  return std::array<TileFunction, sizeof...(kIndex)>{
      &multiply_tile<kIndex / kTileVectors + 1, kIndex % kTileVectors + 1>...};
}
constexpr auto kTiles = make_tiles(std::make_integer_sequence<int, kTileRows * kTileVectors>());

TileFunction tile_function(std::int64_t rows, std::int64_t vectors) {
  return kTiles[static_cast<std::size_t>((rows - 1) * kTileVectors + vectors - 1)];
}

/// How a product is cut. Every element of c is summed in the same order whatever is chosen here.
struct Plan {
  Plan(const GemmShape& s, bool to_bfloat16, bool has_epilogue)
      : threads(std::min<std::int64_t>(s.threads, config::num_threads())),
        pairs(pairs_of(s.k)),
        passes(std::max<std::int64_t>(1, ceil_div(pairs, kDepth))),
        pack_a(s.transpose_a || s.k % 2 != 0),
        whole_sums(to_bfloat16 && (passes > 1 || has_epilogue)),
        group_sums(to_bfloat16 && !whole_sums) {
    if (s.m * s.n * pairs <= kSerialPairs) threads = 1;
    // Parts side by side share nothing of b, whose packing costs; too narrow ones waste tiles.
    by_columns = s.n >= s.m / 4 && s.n >= kTileVectors * kVector * threads;
  }
  std::size_t packed_a_bytes() const { return pack_a ? aligned_bytes(kTileRows * kDepth) : 0; }
  std::size_t packed_b_bytes() const { return aligned_bytes(kBlockColumns * kDepth); }
  std::size_t group_bytes() const {
    return group_sums ? aligned_bytes(kTileRows * kBlockColumns) : 0;
  }
  std::size_t part_bytes() const { return packed_a_bytes() + packed_b_bytes() + group_bytes(); }

  std::int64_t threads, pairs, passes;
  bool pack_a;
  bool whole_sums;  // c's sums lie in scratch until they are finished
  bool group_sums;  // those of one row of tiles do
  bool by_columns = false;
};

template <class T>
class Worker {
 public:
  Worker(T* c, const BFloat16* a, const BFloat16* b, const GemmShape& s, const Plan& plan,
         const EpilogueArguments& epilogue, float* sums, std::byte* scratch)
      : c_(c), a_(a), b_(b), s_(s), plan_(plan), epilogue_(epilogue), sums_(sums) {
    packed_a_ = reinterpret_cast<Pair*>(scratch);
    packed_b_ = reinterpret_cast<Pair*>(scratch + plan.packed_a_bytes());
    group_ = reinterpret_cast<float*>(scratch + plan.packed_a_bytes() + plan.packed_b_bytes());
  }

  void run(Range rows, Range columns) {
    for (std::int64_t j = columns.begin; j < columns.end; j += kBlockColumns) {
      columns_ = {j, std::min(j + kBlockColumns, columns.end)};
      for (std::int64_t pass = 0; pass < plan_.passes; ++pass) {
        depth_ = {pass * kDepth, std::min((pass + 1) * kDepth, plan_.pairs)};
        pack_b();
        for (std::int64_t i = rows.begin; i < rows.end; i += kTileRows) {
          multiply_rows({i, std::min(i + kTileRows, rows.end)});
        }
      }
    }
  }

 private:
  std::int64_t width() const { return ceil_div(columns_.size(), kVector) * kVector; }

  void pack_b() {
    const std::int64_t step = 2 * depth_.begin;
    if (s_.transpose_b) {
      pack_columns(packed_b_, width(), b_ + columns_.begin * s_.k, s_.k, step, depth_.size(),
                   columns_.size(), s_.k);
      return;
    }
    for (std::int64_t p = 0; p < depth_.size(); ++p) {
      const BFloat16* row = b_ + (step + 2 * p) * s_.n + columns_.begin;
      const bool has_second = step + 2 * p + 1 < s_.k;
      pack_rows(packed_b_ + p * width(), row, has_second ? row + s_.n : nullptr, columns_.size());
    }
  }

  void pack_a(Range rows) {
    const std::int64_t step = 2 * depth_.begin;
    if (!s_.transpose_a) {
      pack_columns(packed_a_, kTileRows, a_ + rows.begin * s_.k, s_.k, step, depth_.size(),
                   rows.size(), s_.k);
      return;
    }
    for (std::int64_t p = 0; p < depth_.size(); ++p) {
      const BFloat16* row = a_ + (step + 2 * p) * s_.m + rows.begin;
      const bool has_second = step + 2 * p + 1 < s_.k;
      pack_rows(packed_a_ + p * kTileRows, row, has_second ? row + s_.m : nullptr, rows.size());
    }
  }

  // Where the sums of these rows and columns_ lie, and the step from row to row.
  std::pair<float*, std::int64_t> sums_at(std::int64_t row) const {
    if (plan_.group_sums) return {group_, kBlockColumns};
    if (plan_.whole_sums) return {sums_ + row * s_.n + columns_.begin, s_.n};
    return {reinterpret_cast<float*>(c_) + row * s_.n + columns_.begin, s_.n};
  }

  void multiply_rows(Range rows) {
    if (plan_.pack_a) pack_a(rows);
    const auto [sums, stride] = sums_at(rows.begin);
    Tile t;
    for (std::int64_t r = 0; r < rows.size(); ++r) {
      t.a[r] = plan_.pack_a
                   ? packed_a_ + r
                   : reinterpret_cast<const Pair*>(a_ + (rows.begin + r) * s_.k) + depth_.begin;
    }
    t.a_step = plan_.pack_a ? kTileRows : 1;
    t.pairs = depth_.size();
    t.b_step = width();
    t.c_stride = stride;
    t.accumulate = depth_.begin > 0;
    const EvenParts panels(width() / kVector, ceil_div(width(), kTileVectors * kVector));
    for (std::int64_t i = 0; i < panels.count(); ++i) {
      const Range vectors = panels[i];
      t.b = packed_b_ + vectors.begin * kVector;
      t.c = sums + vectors.begin * kVector;
      t.columns = std::min(vectors.end * kVector, columns_.size()) - vectors.begin * kVector;
      tile_function(rows.size(), vectors.size())(t);
    }
    if (depth_.end == plan_.pairs) finish(rows, sums, stride);
  }

  void finish(Range rows, float* sums, std::int64_t stride) {
    if (!is_empty(epilogue_)) {
      float* matrix = plan_.whole_sums ? sums_ : reinterpret_cast<float*>(c_);
      apply_epilogue(matrix, s_.n, rows.begin, rows.end, columns_.begin, columns_.end, epilogue_);
    }
    if constexpr (std::is_same_v<T, BFloat16>) {
      for (std::int64_t r = 0; r < rows.size(); ++r) {
        convert(c_ + (rows.begin + r) * s_.n + columns_.begin, sums + r * stride, columns_.size());
      }
    }
  }

  T* c_;
  const BFloat16 *a_, *b_;
  const GemmShape& s_;
  const Plan& plan_;
  const EpilogueArguments& epilogue_;
  float* sums_;
  Pair *packed_a_, *packed_b_;
  float* group_;
  Range columns_, depth_;
};

template <class T>
void run(T* c, const BFloat16* a, const BFloat16* b, const GemmShape& s,
         const EpilogueArguments& epilogue, std::byte* scratch) {
  const Plan plan(s, std::is_same_v<T, BFloat16>, !is_empty(epilogue));
  auto* sums = reinterpret_cast<float*>(scratch);
  if (plan.whole_sums) scratch += aligned_bytes(s.m * s.n);
  // random bits come for 128 columns at a time
  const std::int64_t unit = !plan.by_columns ? kTileRows : epilogue.dropout ? 128 : kVector;
  const std::int64_t size = plan.by_columns ? s.n : s.m;
  const EvenParts parts(ceil_div(size, unit), plan.threads);
  parallel_for(plan.threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) {
      const Range units = parts[part];
      const Range range{units.begin * unit, std::min(units.end * unit, size)};
      Worker<T> worker(c, a, b, s, plan, epilogue, sums,
                       scratch + static_cast<std::size_t>(part) * plan.part_bytes());
      plan.by_columns ? worker.run({0, s.m}, range) : worker.run(range, {0, s.n});
    }
  });
}

}  // namespace
HWY_POP_ATTRIBUTES

std::size_t gemm_bf16_scratch_bytes(const GemmShape& s, bool to_bfloat16, bool has_epilogue) {
  const Plan plan(s, to_bfloat16, has_epilogue);
  return plan.part_bytes() * static_cast<std::size_t>(s.threads) +
         (plan.whole_sums ? aligned_bytes(s.m * s.n) : 0);
}

void gemm_bf16(float* c, const BFloat16* a, const BFloat16* b, const GemmShape& s,
               const EpilogueArguments& epilogue, std::byte* scratch) {
  run(c, a, b, s, epilogue, scratch);
}
void gemm_bf16(BFloat16* c, const BFloat16* a, const BFloat16* b, const GemmShape& s,
               const EpilogueArguments& epilogue, std::byte* scratch) {
  run(c, a, b, s, epilogue, scratch);
}

#else

bool has_bf16_products() { return false; }
std::size_t gemm_bf16_scratch_bytes(const GemmShape&, bool, bool) { return 0; }
void gemm_bf16(float*, const BFloat16*, const BFloat16*, const GemmShape&, const EpilogueArguments&,
               std::byte*) {}
void gemm_bf16(BFloat16*, const BFloat16*, const BFloat16*, const GemmShape&,
               const EpilogueArguments&, std::byte*) {}

#endif

}  // namespace banach::cpu
