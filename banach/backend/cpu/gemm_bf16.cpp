#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/gemm_amx.hpp>
#include <banach/backend/cpu/gemm_bf16.hpp>
#include <banach/backend/cpu/gemm_bf16_pack.hpp>
#include <banach/backend/cpu/gemm_slices.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>
#include <banach/backend/cpu/slices.hpp>

#include <array>
#include <atomic>
#include <cstring>
#include <hwy/base.h>
#include <optional>
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

namespace {

HalfProducts best_of_machine() {
  if (has_amx()) return HalfProducts::amx;
  const bool dot = __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl");
  return dot ? HalfProducts::avx512 : HalfProducts::none;
}

std::atomic<HalfProducts> most_allowed = HalfProducts::amx;

}  // namespace

HalfProducts half_products() {
  static const HalfProducts best = best_of_machine();
  return std::min<HalfProducts>(best, most_allowed);
}
void limit_half_products(HalfProducts most) { most_allowed = most; }

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512bf16")
namespace {

constexpr int kTileRows = 8, kTileVectors = 3;  // 24 accumulators of 32 registers
constexpr std::int64_t kVector = 16;
constexpr std::int64_t kDepth = 256;         // pairs in one pass over c
constexpr std::int64_t kBlockColumns = 384;  // with kDepth, packed b is 384 KiB
constexpr std::int64_t kSerialPairs = 200000;
constexpr std::int64_t kAmxBlock = 2 * kAmxRows;  // rows and columns of c in the tile registers
static_assert(kDepth % kAmxPairs == 0 && kBlockColumns % kAmxBlock == 0);

std::int64_t pairs_of(std::int64_t k) { return ceil_div(k, 2); }

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

template <class T>
struct Problem {
  T* c;
  const BFloat16 *a, *b;
  const GemmShape& shape;
  const EpilogueArguments& epilogue;
  const WeightUpdate* update = nullptr;  // takes rows of tiles of c instead of storing them
};

/// What becomes of the sums: they are stored as they are, changed, rounded, or used up.
struct Purpose {
  bool to_bfloat16 = false, has_epilogue = false, is_update = false;
};

/// How a product is cut. Every element of c is summed in the same order whatever is chosen here.
struct Plan {
  Plan(const GemmShape& s, const Purpose& purpose)
      : amx(half_products() == HalfProducts::amx),
        tile_rows(amx ? kAmxBlock : kTileRows),
        threads(detail::team_size(s.threads)),
        pairs(pairs_of(s.k)),
        passes(std::max<std::int64_t>(1, ceil_div(pairs, kDepth))),
        slices(s, pairs),
        pack_a(s.transpose_a || s.k % 2 != 0),
        whole_sums(slices.count() > 1 ||
                   (purpose.to_bfloat16 && (passes > 1 || purpose.has_epilogue))),
        group_sums(purpose.is_update || (purpose.to_bfloat16 && !whole_sums)) {
    if (s.m * s.n * pairs <= kSerialPairs) threads = 1;
    // Parts side by side share nothing of b, whose packing costs; too narrow ones waste tiles.
    by_columns = s.n >= s.m / 4 && s.n >= kTileVectors * kVector * threads;
  }
  // What threads take is whole columns or rows of tiles; random bits come for 128 columns at a
  // time.
  std::int64_t unit(const GemmShape& s, bool drops) const {
    if (!by_columns) return tile_rows;
    return has_many_blocks(s) ? kBlockColumns : drops ? 128 : kVector;
  }
  // Items that are taken at a time: a whole share, where a piece of it would pack much once more.
  std::int64_t least(const GemmShape& s, std::int64_t items) const {
    const bool packs_once = passes == 1 && s.n <= kBlockColumns;
    return (by_columns ? has_many_blocks(s) : packs_once) ? 1 : items;
  }
  std::size_t packed_a_bytes() const {
    return amx || pack_a ? aligned_bytes(tile_rows * kDepth) : 0;
  }
  std::size_t packed_b_bytes() const { return aligned_bytes(kBlockColumns * kDepth); }
  std::size_t group_bytes() const {
    return group_sums ? aligned_bytes(tile_rows * kBlockColumns) : 0;
  }
  std::size_t worker_bytes() const { return packed_a_bytes() + packed_b_bytes() + group_bytes(); }
  std::size_t sums_bytes() const {
    return whole_sums ? aligned_bytes(slices.count() * slices.floats()) : 0;
  }

  bool amx;
  std::int64_t tile_rows;
  int threads;
  std::int64_t pairs, passes;
  SumSlices slices;
  bool pack_a;
  bool whole_sums;  // c's sums lie in scratch until they are finished
  bool group_sums;  // those of one row of tiles do
  bool by_columns = false;

 private:
  bool has_many_blocks(const GemmShape& s) const { return s.n >= 8 * kBlockColumns * threads; }
};

template <class T>
class Worker {
 public:
  Worker(const Problem<T>& g, const Plan& plan, float* sums, std::byte* scratch)
      : g_(g), s_(g.shape), plan_(plan), sums_(sums) {
    packed_a_ = reinterpret_cast<Pair*>(scratch);
    packed_b_ = reinterpret_cast<Pair*>(scratch + plan.packed_a_bytes());
    group_ = reinterpret_cast<float*>(scratch + plan.packed_a_bytes() + plan.packed_b_bytes());
  }

  /// Sums these pairs of steps.
  void run(Range rows, Range columns, Range pairs) {
    first_ = pairs.begin;
    for (std::int64_t j = columns.begin; j < columns.end; j += kBlockColumns) {
      columns_ = {j, std::min(j + kBlockColumns, columns.end)};
      depth_ = {first_, std::min(first_ + kDepth, pairs.end)};
      do {
        pack_b();
        for (std::int64_t i = rows.begin; i < rows.end; i += plan_.tile_rows) {
          multiply_rows({i, std::min(i + plan_.tile_rows, rows.end)});
        }
        depth_ = {depth_.end, std::min(depth_.end + kDepth, pairs.end)};
      } while (depth_.size() > 0);
    }
  }
  /// c's rows from the sums of all columns.
  void finish(Range rows) {
    columns_ = {0, s_.n};
    finish(rows, sums_ + rows.begin * s_.n, s_.n);
  }

 private:
  std::int64_t width() const { return ceil_div(columns_.size(), kVector) * kVector; }

  // The pairs of one pass, as many as the instructions take at once.
  std::int64_t padded_depth() const {
    return plan_.amx ? round_up(depth_.size(), kAmxPairs) : depth_.size();
  }

  void pack_b() {
    if (packed_columns_ == columns_ && packed_depth_ == depth_) return;
    packed_columns_ = columns_;
    packed_depth_ = depth_;
    const PairSource source{g_.b, s_.transpose_b ? s_.k : s_.n, !s_.transpose_b, s_.k};
    pack_pairs(packed_b_, width(), source, depth_.begin, depth_.size(), columns_.begin,
               columns_.size());
    std::fill(packed_b_ + depth_.size() * width(), packed_b_ + padded_depth() * width(), 0);
  }

  PairSource source_of_a() const {
    return {g_.a, s_.transpose_a ? s_.m : s_.k, s_.transpose_a, s_.k};
  }

  // Where the sums of these rows and columns_ lie, and the step from row to row.
  std::pair<float*, std::int64_t> sums_at(std::int64_t row) const {
    if (plan_.group_sums) return {group_, kBlockColumns};
    if (plan_.whole_sums) return {sums_ + row * s_.n + columns_.begin, s_.n};
    return {reinterpret_cast<float*>(g_.c) + row * s_.n + columns_.begin, s_.n};
  }

  void multiply_rows(Range rows) {
    const auto [sums, stride] = sums_at(rows.begin);
    plan_.amx ? multiply_rows_amx(rows, sums, stride) : multiply_rows_dot(rows, sums, stride);
    if (plan_.slices.count() == 1 && depth_.end == plan_.pairs) finish(rows, sums, stride);
  }

  void multiply_rows_dot(Range rows, float* sums, std::int64_t stride) {
    if (plan_.pack_a) {
      pack_pairs(packed_a_, kTileRows, source_of_a(), depth_.begin, depth_.size(), rows.begin,
                 rows.size());
    }
    Tile t;
    for (std::int64_t r = 0; r < rows.size(); ++r) {
      t.a[r] = plan_.pack_a
                   ? packed_a_ + r
                   : reinterpret_cast<const Pair*>(g_.a + (rows.begin + r) * s_.k) + depth_.begin;
    }
    t.a_step = plan_.pack_a ? kTileRows : 1;
    t.pairs = depth_.size();
    t.b_step = width();
    t.c_stride = stride;
    t.accumulate = depth_.begin > first_;
    const EvenParts panels(width() / kVector, ceil_div(width(), kTileVectors * kVector));
    for (std::int64_t i = 0; i < panels.count(); ++i) {
      const Range vectors = panels[i];
      t.b = packed_b_ + vectors.begin * kVector;
      t.c = sums + vectors.begin * kVector;
      t.columns = std::min(vectors.end * kVector, columns_.size()) - vectors.begin * kVector;
      tile_function(rows.size(), vectors.size())(t);
    }
  }

  // Tile registers read whole rows and whole steps, so a is read where it lies only if that is
  // there.
  void multiply_rows_amx(Range rows, float* sums, std::int64_t stride) {
    AmxTile t{};
    if (plan_.pack_a || rows.size() % kAmxRows != 0 || padded_depth() != depth_.size()) {
      pack_elements(packed_a_, padded_depth(), source_of_a(), depth_.begin, depth_.size(),
                    rows.begin, rows.size());
      t.a = packed_a_;
      t.a_stride = padded_depth();
    } else {
      t.a = reinterpret_cast<const Pair*>(g_.a + rows.begin * s_.k) + depth_.begin;
      t.a_stride = s_.k / 2;
    }
    t.b_stride = width();
    t.pairs = padded_depth();
    for (std::int64_t j = 0; j < columns_.size(); j += kAmxBlock) {
      t.b = packed_b_ + j;
      multiply_block_amx(t, rows.size(), std::min(kAmxBlock, columns_.size() - j), sums + j,
                         stride);
    }
  }

  // Straight into the sums where whole registers fit there, else through a block, with the same
  // bits: each pass goes on from the sums before it.
  void multiply_block_amx(AmxTile t, std::int64_t rows, std::int64_t columns, float* sums,
                          std::int64_t stride) const {
    const int row_tiles = static_cast<int>(ceil_div(rows, kAmxRows));
    const int column_tiles = static_cast<int>(ceil_div(columns, kAmxColumns));
    t.c = sums;
    t.c_stride = stride;
    t.accumulate = depth_.begin > first_;
    if (rows % kAmxRows == 0 && columns % kAmxColumns == 0) {
      return multiply_amx(t, row_tiles, column_tiles);
    }
    alignas(64) float block[kAmxBlock * kAmxBlock];
    t.c = block;
    t.c_stride = kAmxBlock;
    const std::size_t bytes = static_cast<std::size_t>(columns) * sizeof(float);
    for (std::int64_t i = 0; t.accumulate && i < rows; ++i) {
      std::memcpy(block + i * kAmxBlock, sums + i * stride, bytes);
    }
    multiply_amx(t, row_tiles, column_tiles);
    for (std::int64_t i = 0; i < rows; ++i) {
      std::memcpy(sums + i * stride, block + i * kAmxBlock, bytes);
    }
  }

  void finish(Range rows, float* sums, std::int64_t stride) {
    if (g_.update != nullptr) return apply_update(rows, sums, stride);
    if (!is_empty(g_.epilogue)) {
      float* matrix = plan_.whole_sums ? sums_ : reinterpret_cast<float*>(g_.c);
      apply_epilogue(matrix, s_.n, rows.begin, rows.end, columns_.begin, columns_.end, g_.epilogue);
    }
    if (std::is_same_v<T, float> && !plan_.whole_sums) return;  // they are c
    for (std::int64_t r = 0; r < rows.size(); ++r) {
      T* to = g_.c + (rows.begin + r) * s_.n + columns_.begin;
      const float* from = sums + r * stride;
      if constexpr (std::is_same_v<T, float>) {
        std::copy_n(from, columns_.size(), to);
      } else {
        convert(to, from, columns_.size());
      }
    }
  }

  void apply_update(Range rows, const float* sums, std::int64_t stride) const {
    for (std::int64_t r = 0; r < rows.size(); ++r) {
      const std::int64_t row = (rows.begin + r) * s_.n;
      UpdateSegment part = g_.update->weight.part(row + columns_.begin, row + columns_.end);
      part.g = sums + r * stride;
      if (rows.end + r < s_.m) fetch(part, rows.size() * s_.n);
      g_.update->range(part, g_.update->arguments);
    }
  }
  // The weight and its slots so many floats on, which the next rows of tiles update.
  static void fetch(const UpdateSegment& part, std::int64_t floats) {
    for (const float* from : part.from) {
      if (from == nullptr) break;
      const PrefetchRun run{from + floats, ceil_div(part.size, PrefetchRun::kLine)};
      for (std::int64_t line = 0; line < run.lines; ++line) run.fetch(line);
    }
  }

  const Problem<T>& g_;
  const GemmShape& s_;
  const Plan& plan_;
  float* sums_;
  Pair *packed_a_, *packed_b_;
  float* group_;
  Range columns_, depth_, packed_columns_, packed_depth_;
  std::int64_t first_ = 0;  // pair of the sum
};

/// Those of this thread, where they are used.
class AmxRegisters {
 public:
  explicit AmxRegisters(bool used) {
    if (used) scope_.emplace();
  }

 private:
  std::optional<AmxScope> scope_;
};

std::byte* worker_scratch(const Plan& plan, const Share& share, std::byte* scratch) {
  return scratch + static_cast<std::size_t>(share.thread()) * plan.worker_bytes();
}

template <class T>
Purpose purpose_of(const Problem<T>& g) {
  return {std::is_same_v<T, BFloat16>, !is_empty(g.epilogue), g.update != nullptr};
}

template <class T>
void multiply(const Problem<T>& g, const Plan& plan, float* sums, std::byte* scratch) {
  const GemmShape& s = g.shape;
  const std::int64_t unit = plan.unit(s, g.epilogue.dropout);
  const std::int64_t size = plan.by_columns ? s.n : s.m, items = ceil_div(size, unit);
  parallel_shares(items, plan.least(s, items), plan.threads, [&](Share& share) {
    const AmxRegisters registers(plan.amx);
    Worker<T> worker(g, plan, sums, worker_scratch(plan, share, scratch));
    for (Range piece; share.take(piece);) {
      const Range range{piece.begin * unit, std::min(piece.end * unit, size)};
      const Range rows = plan.by_columns ? Range{0, s.m} : range;
      worker.run(rows, plan.by_columns ? range : Range{0, s.n}, {0, plan.pairs});
    }
  });
}

// Each slice of the sum, in blocks of columns, is an item; then its rows are.
template <class T>
void multiply_slices(const Problem<T>& g, const Plan& plan, float* sums, std::byte* scratch) {
  const GemmShape& s = g.shape;
  const SumSlices& slices = plan.slices;
  const std::int64_t units = ceil_div(s.n, kAmxBlock);
  const EvenParts blocks(units, std::min<std::int64_t>(slices.blocks(plan.threads), units));
  parallel_shares(slices.count() * blocks.count(), 1, plan.threads, [&](Share& share) {
    const AmxRegisters registers(plan.amx);
    share.for_each([&](std::int64_t i) {
      const std::int64_t slice = i / blocks.count();
      const Range block = blocks[i % blocks.count()];
      Worker<T>(g, plan, sums + slice * slices.floats(), worker_scratch(plan, share, scratch))
          .run({0, s.m}, {block.begin * kAmxBlock, std::min(block.end * kAmxBlock, s.n)},
               slices[slice]);
    });
  });
  const std::int64_t grain = kLightGrain / (s.n * slices.count()) + 1;
  parallel_for(s.m, grain, [&](std::int64_t begin, std::int64_t end) {
    add_slices(sums, sums + slices.floats(), slices, begin * s.n, end * s.n);
    Worker<T>(g, plan, sums, nullptr).finish({begin, end});
  });
}

template <class T>
void run(const Problem<T>& g, std::byte* scratch) {
  const Plan plan(g.shape, purpose_of(g));
  auto* sums = reinterpret_cast<float*>(scratch);
  scratch += plan.sums_bytes();
  plan.slices.count() > 1 ? multiply_slices(g, plan, sums, scratch)
                          : multiply(g, plan, sums, scratch);
}

std::size_t scratch_bytes(const GemmShape& s, const Purpose& purpose) {
  const Plan plan(s, purpose);
  return plan.sums_bytes() + plan.worker_bytes() * static_cast<std::size_t>(s.threads);
}

}  // namespace
HWY_POP_ATTRIBUTES

bool has_one_bf16_pass(const GemmShape& s) { return pairs_of(s.k) <= kDepth; }

std::size_t gemm_bf16_scratch_bytes(const GemmShape& s, bool to_bfloat16, bool has_epilogue) {
  return scratch_bytes(s, {to_bfloat16, has_epilogue});
}
std::size_t gemm_bf16_update_scratch_bytes(const GemmShape& s) {
  return scratch_bytes(s, {.is_update = true});
}

void gemm_bf16(float* c, const BFloat16* a, const BFloat16* b, const GemmShape& s,
               const EpilogueArguments& epilogue, std::byte* scratch) {
  run<float>({c, a, b, s, epilogue}, scratch);
}
void gemm_bf16(BFloat16* c, const BFloat16* a, const BFloat16* b, const GemmShape& s,
               const EpilogueArguments& epilogue, std::byte* scratch) {
  run<BFloat16>({c, a, b, s, epilogue}, scratch);
}
void gemm_bf16_update(const WeightUpdate& update, const BFloat16* a, const BFloat16* b,
                      const GemmShape& s, std::byte* scratch) {
  run<float>({nullptr, a, b, s, {}, &update}, scratch);
}

#else

HalfProducts half_products() { return HalfProducts::none; }
void limit_half_products(HalfProducts) {}
bool has_one_bf16_pass(const GemmShape&) { return false; }
std::size_t gemm_bf16_scratch_bytes(const GemmShape&, bool, bool) { return 0; }
std::size_t gemm_bf16_update_scratch_bytes(const GemmShape&) { return 0; }
void gemm_bf16(float*, const BFloat16*, const BFloat16*, const GemmShape&, const EpilogueArguments&,
               std::byte*) {}
void gemm_bf16(BFloat16*, const BFloat16*, const BFloat16*, const GemmShape&,
               const EpilogueArguments&, std::byte*) {}
void gemm_bf16_update(const WeightUpdate&, const BFloat16*, const BFloat16*, const GemmShape&,
                      std::byte*) {}

#endif

}  // namespace banach::cpu
