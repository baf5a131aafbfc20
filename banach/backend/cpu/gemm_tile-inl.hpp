// The register tile and the packing that matrix products and convolutions share. Included once per
// instruction set (Highway's foreach_target).
#if defined(BANACH_GEMM_TILE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_GEMM_TILE_INL_HPP_
#undef BANACH_GEMM_TILE_INL_HPP_
#else
#define BANACH_GEMM_TILE_INL_HPP_
#endif

#include <banach/backend/cpu/gemm_tile.hpp>

#include <algorithm>
#include <array>
#include <hwy/cache_control.h>
#include <hwy/highway.h>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::ScalableTag<float>;
using Vector = hn::Vec<Lanes>;
inline constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(Lanes()));

// As many accumulators as the registers hold beside a row of b and one element of a.
#if HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2
inline constexpr int kRows = 6, kVectors = 2;  // 16 registers
#else
inline constexpr int kRows = 6, kVectors = 4;  // 32 registers
#endif
inline constexpr std::int64_t kColumns = kVectors * kLanes;

// The right edge: only the columns that c has, from a tile of `width` columns.
inline HWY_NOINLINE void store_edge(const TileArguments& t, const float* tile, int rows,
                                    std::int64_t width) {
  for (int r = 0; r < rows; ++r, tile += width) {
    for (std::int64_t j = 0; j < t.columns; ++j) {
      float& c = t.c[r][t.c_offset + j];
      c = t.accumulate ? c + tile[j] : tile[j];
    }
  }
}

/// Adds to c, or stores; kR rows of kV vectors.
template <bool kAdd, int kR, int kV>
HWY_INLINE void store_tile(float* const* c, std::int64_t offset, const Vector (&sum)[kR][kV]) {
  const Lanes d;
#pragma GCC unroll 8
  for (int r = 0; r < kR; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) {
      float* to = c[r] + offset + v * kLanes;
      hn::StoreU(kAdd ? hn::Add(hn::LoadU(d, to), sum[r][v]) : sum[r][v], d, to);
    }
  }
}

template <int kR, int kV, bool kPrefetch = false>
void tile(const TileArguments& t) {
  const Lanes d;
  Vector sum[kR][kV];
  const float* a[kR];
#pragma GCC unroll 8
  for (int r = 0; r < kR; ++r) {
    a[r] = t.a[r] + t.a_offset;
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) sum[r][v] = hn::Zero(d);
  }
  const float* HWY_RESTRICT b = t.b;
  const std::int64_t a_step = t.a_step, b_step = t.b_step;
  std::int64_t at = 0;
  const auto step = [&]() HWY_ATTR __attribute__((always_inline)) {
    Vector row[kV];
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) row[v] = hn::LoadU(d, b + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kR; ++r) {
      const Vector element = hn::Set(d, a[r][at]);
#pragma GCC unroll 8
      for (int v = 0; v < kV; ++v) sum[r][v] = hn::MulAdd(element, row[v], sum[r][v]);
    }
    at += a_step;
    b += b_step;
  };
  if constexpr (kPrefetch) {
    at = t.segments[0].offset;
    std::int64_t left = t.segments[0].length;
    for (const PrefetchRun& run : t.runs) {
      const std::int64_t lines = std::min(run.lines, left / 2);
      for (std::int64_t line = 0; line < lines; ++line) {
        run.fetch(line);
        step();
        step();
      }
      left -= 2 * lines;
    }
    for (; left > 0; --left) step();
  } else {
    for (std::int64_t s = 0; s < t.num_segments; ++s) {
      at = t.segments[s].offset;
      const std::int64_t end = at + t.segments[s].length * a_step;
      while (at != end) step();
    }
  }
  if (t.columns < kV * kLanes) {
    HWY_ALIGN float edge[kR * kV * kLanes];
    float* rows[kR];
    for (int r = 0; r < kR; ++r) rows[r] = edge + r * kV * kLanes;
    store_tile<false>(rows, 0, sum);
    store_edge(t, edge, kR, kV * kLanes);
  } else if (t.accumulate) {
    store_tile<true>(t.c, t.c_offset, sum);
  } else {
    store_tile<false>(t.c, t.c_offset, sum);
  }
}

using TileFunction = void (*)(const TileArguments&);

template <int... kIndex>
constexpr auto make_tiles(std::integer_sequence<int, kIndex...>) {
  return std::array<TileFunction, sizeof...(kIndex)>{
      &tile<kIndex / kVectors + 1, kIndex % kVectors + 1>...};
}
inline constexpr auto kTiles = make_tiles(std::make_integer_sequence<int, kRows * kVectors>());

/// The tile of so many rows and vectors of columns.
inline TileFunction tile_function(std::int64_t rows, std::int64_t vectors) {
  return kTiles[static_cast<std::size_t>((rows - 1) * kVectors + vectors - 1)];
}

/// The largest tile, for a single segment. Fetches its runs between its steps, since the processor
/// waits when many lines are asked for at once; at most one for every second step.
inline void prefetching_tile(const TileArguments& t) { tile<kRows, kVectors, true>(t); }

/// A block of columns cut into panels of at most kVectors vectors, as even as possible.
class Panels {
 public:
  explicit Panels(std::int64_t columns)
      : columns_(columns),
        vectors_(ceil_div(columns, kLanes),
                 std::max<std::int64_t>(1, ceil_div(ceil_div(columns, kLanes), kVectors))) {}

  struct Panel {
    Range columns;
    std::int64_t vectors;
    std::int64_t width() const { return vectors * kLanes; }
    bool is_whole() const { return columns.size() == width(); }
  };
  std::int64_t count() const { return vectors_.count(); }
  Panel operator[](std::int64_t index) const {
    const Range v = vectors_[index];
    return {{v.begin * kLanes, std::min(v.end * kLanes, columns_)}, v.size()};
  }

 private:
  std::int64_t columns_;
  EvenParts vectors_;
};

/// to (depth, width) = from (depth, columns) with zeros to the right; width is whole vectors.
inline void pack_rows(float* HWY_RESTRICT to, std::int64_t width, const float* HWY_RESTRICT from,
                      std::int64_t step, std::int64_t depth, std::int64_t columns) {
  const Lanes d;
  for (std::int64_t p = 0; p < depth; ++p, to += width, from += step) {
    hwy::Prefetch(from + 16 * step);
    std::int64_t j = 0;
    for (; j + kLanes <= columns; j += kLanes) hn::StoreU(hn::LoadU(d, from + j), d, to + j);
    for (; j < columns; ++j) to[j] = from[j];
    for (; j < width; ++j) to[j] = 0;
  }
}

/// to (depth, kRows) = the first `rows` columns of from; the others stay undefined, and up to
/// kLanes floats after the end are written too.
inline void pack_narrow(float* HWY_RESTRICT to, const float* HWY_RESTRICT from, std::int64_t step,
                        std::int64_t depth, std::int64_t rows) {
  const hn::CappedTag<float, 8> d;
  constexpr std::int64_t kStep = static_cast<std::int64_t>(hn::MaxLanes(d));
  const std::int64_t reads = ceil_div(rows, kStep) * kStep;
  const std::int64_t safe = depth - ceil_div(reads - rows, std::max<std::int64_t>(step, 1));
  for (std::int64_t p = 0; p < depth; ++p, to += kRows, from += step) {
    if (p < safe) {
      for (std::int64_t r = 0; r < rows; r += kStep) hn::StoreU(hn::LoadU(d, from + r), d, to + r);
    } else {
      for (std::int64_t r = 0; r < rows; ++r) to[r] = from[r];
    }
  }
}

#if HWY_TARGET != HWY_SCALAR
/// Four floats each from every fourth row: one block of 128 bits comes from one row.
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D d, const float* from, std::int64_t step) {
  constexpr std::int64_t kBlocks = static_cast<std::int64_t>(hn::MaxLanes(d)) / 4;
  auto rows = hn::LoadDup128(d, from + (kBlocks - 1) * 4 * step);
#pragma GCC unroll 4
  for (std::int64_t block = kBlocks - 2; block >= 0; --block) {
    const auto mask = hn::FirstN(d, static_cast<std::size_t>(block + 1) * 4);
    rows = hn::IfThenElse(mask, hn::LoadDup128(d, from + block * 4 * step), rows);
  }
  return rows;
}

/// Four columns of the rows at `from` (row stride `step`), as many as d has lanes, become four rows
/// at `to` (row stride `width`).
template <class D>
HWY_INLINE void transpose4(D d, float* to, std::int64_t width, const float* from,
                           std::int64_t step) {
  const hn::Repartition<double, D> pairs;
  const auto r0 = load_blocks(d, from, step), r1 = load_blocks(d, from + step, step);
  const auto r2 = load_blocks(d, from + 2 * step, step), r3 = load_blocks(d, from + 3 * step, step);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, to + width);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, to + 2 * width);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, to + 3 * width);
}

/// Columns [begin, end) of pack_columns, as many at a time as d has lanes; returns where it stops.
template <class D>
std::int64_t pack_blocks(D d, float* HWY_RESTRICT to, std::int64_t width,
                         const float* HWY_RESTRICT from, std::int64_t step, std::int64_t depth,
                         std::int64_t begin, std::int64_t end) {
  constexpr std::int64_t kWide = static_cast<std::int64_t>(hn::MaxLanes(d));
  std::int64_t j = begin;
  for (; j + kWide <= end; j += kWide) {
    for (std::int64_t p = 0; p + 4 <= depth; p += 4) {
      transpose4(d, to + p * width + j, width, from + j * step + p, step);
    }
  }
  return j;
}
#endif

/// to (depth, width) = transpose of from (columns, depth), with zeros to the right.
inline void pack_columns(float* HWY_RESTRICT to, std::int64_t width, const float* HWY_RESTRICT from,
                         std::int64_t step, std::int64_t depth, std::int64_t columns) {
  std::int64_t whole = 0;
#if HWY_TARGET != HWY_SCALAR
  whole = pack_blocks(Lanes(), to, width, from, step, depth, 0, columns);
  whole = pack_blocks(hn::FixedTag<float, 4>(), to, width, from, step, depth, whole, columns);
#endif
  for (std::int64_t p = 0; p < depth; ++p) {
    float* row = to + p * width;
    const std::int64_t done = p < depth / 4 * 4 ? whole : 0;
    for (std::int64_t j = done; j < columns; ++j) row[j] = from[j * step + p];
    for (std::int64_t j = columns; j < width; ++j) row[j] = 0;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
