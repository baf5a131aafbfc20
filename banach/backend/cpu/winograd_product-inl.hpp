// The products of Winograd's algorithm, one for each place of a tile. Included once per
// instruction set (Highway's foreach_target).
#if defined(BANACH_WINOGRAD_PRODUCT_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_WINOGRAD_PRODUCT_INL_HPP_
#undef BANACH_WINOGRAD_PRODUCT_INL_HPP_
#else
#define BANACH_WINOGRAD_PRODUCT_INL_HPP_
#endif

#include <banach/backend/cpu/gemm_tile-inl.hpp>
#include <banach/backend/cpu/winograd_grid.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

inline constexpr std::int64_t kLine = 64;  // bytes of a cache line

/// A matrix for each place, of tiles or channels and as many columns as vectors hold.
struct PlaceMatrices {
  std::int64_t columns = 0, floats = 0;  // floats: from one place to the next

  PlaceMatrices() = default;
  PlaceMatrices(std::int64_t rows, std::int64_t used_columns)
      : columns(ceil_div(used_columns, kLanes) * kLanes),
        floats(rows * columns + kLanes) {}  // not a power of 2, or places fell on the same lines
  std::int64_t all_floats() const { return kPlaces * floats; }
};

/// The product of a place: c (rows, width of a panel) (+)= a (rows, depth) b (depth, width), where
/// a may be stored transposed. Its depth is short, so one call runs through all rows.
struct PlaceProduct {
  const float* a;
  std::int64_t a_stride;
  const float* b;
  float* c;
  std::int64_t c_stride, depth, blocks;  // blocks: of kR rows
  bool accumulate;
  const std::byte* ahead = nullptr;  // what is needed next comes from memory meanwhile
  std::int64_t ahead_lines = 0;      // of each block
};

template <bool kTransposed, int kR, int kV>
void multiply_blocks(const PlaceProduct& t) {
  const Lanes d;
  const float* HWY_RESTRICT a = t.a;
  float* HWY_RESTRICT c = t.c;
  const std::byte* ahead = t.ahead;
  const std::int64_t row_step = kTransposed ? 1 : t.a_stride, step = kTransposed ? t.a_stride : 1;
  for (std::int64_t block = 0; block < t.blocks; ++block) {
    Vector sum[kR][kV];
#pragma GCC unroll 8
    for (int r = 0; r < kR; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kV; ++v) sum[r][v] = hn::Zero(d);
    }
    for (std::int64_t i = 0; i < t.ahead_lines; ++i, ahead += kLine) hwy::Prefetch(ahead);
    const float* HWY_RESTRICT b = t.b;
    const float* HWY_RESTRICT from = a;
    for (std::int64_t p = 0; p < t.depth; ++p, b += kV * kLanes, from += step) {
      Vector row[kV];
#pragma GCC unroll 8
      for (int v = 0; v < kV; ++v) row[v] = hn::LoadU(d, b + v * kLanes);
#pragma GCC unroll 8
      for (int r = 0; r < kR; ++r) {
        const Vector element = hn::Set(d, from[r * row_step]);
#pragma GCC unroll 8
        for (int v = 0; v < kV; ++v) sum[r][v] = hn::MulAdd(element, row[v], sum[r][v]);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < kR; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kV; ++v) {
        float* to = c + r * t.c_stride + v * kLanes;
        hn::StoreU(t.accumulate ? hn::Add(hn::LoadU(d, to), sum[r][v]) : sum[r][v], d, to);
      }
    }
    a += kR * row_step;
    c += kR * t.c_stride;
  }
}

template <bool kTransposed, int... kIndex>
constexpr auto make_products(std::integer_sequence<int, kIndex...>) {
  return std::array<void (*)(const PlaceProduct&), sizeof...(kIndex)>{
      &multiply_blocks<kTransposed, kIndex / kVectors + 1, kIndex % kVectors + 1>...};
}
template <bool kTransposed>
inline constexpr auto kProducts =
    make_products<kTransposed>(std::make_integer_sequence<int, kRows * kVectors>());

/// Of any number of rows, in blocks about as high as each other: t.blocks is set here.
template <bool kTransposed>
void multiply_rows(PlaceProduct t, std::int64_t rows, std::int64_t vectors) {
  const std::int64_t count = ceil_div(rows, kRows), height = rows / count, higher = rows % count;
  const auto run = [&](std::int64_t block_rows) {
    kProducts<kTransposed>[static_cast<std::size_t>((block_rows - 1) * kVectors + vectors - 1)](t);
    t.a += t.blocks * block_rows * (kTransposed ? 1 : t.a_stride);
    t.c += t.blocks * block_rows * t.c_stride;
    t.ahead += t.blocks * t.ahead_lines * kLine;
  };
  t.blocks = higher;
  if (higher > 0) run(height + 1);
  t.blocks = count - higher;
  run(height);
}

/// Two arrays that are needed soon, brought into the cache in parts: one a panel of every place.
class Ahead {
 public:
  template <class T>
  void add(const T* from, std::int64_t count) {
    arrays_[count_++] = {reinterpret_cast<const std::byte*>(from),
                         count * static_cast<std::int64_t>(sizeof(T)) / kLine};
  }

  /// The part of them that comes while t, a product of `rows`, is the part-th of `parts`.
  void set(PlaceProduct& t, std::int64_t part, std::int64_t parts, std::int64_t rows) const {
    const auto [from, lines] = arrays_[part & 1];
    const std::int64_t blocks = ceil_div(rows, kRows);
    t.ahead_lines = ceil_div(2 * lines, parts * blocks);
    t.ahead = from + std::min(lines, part / 2 * blocks * t.ahead_lines) * kLine;
  }

 private:
  struct Array {
    const std::byte* from = nullptr;
    std::int64_t lines = 0;
  };
  Array arrays_[2];
  int count_ = 0;
};

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
