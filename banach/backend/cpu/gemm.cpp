#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/gemm_slices.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>
#include <banach/backend/cpu/prefetcher.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/simd_targets.hpp>

#include <array>
#include <limits>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/gemm.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/gemm_tile-inl.hpp>
#include <banach/backend/cpu/gemv-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

constexpr std::int64_t kBlockColumns = 256;  // with kGemmDepth, packed b is 256 KiB: half of an L2
constexpr std::int64_t kBlockTiles = 8;      // tiles of rows that are packed at a time
constexpr std::int64_t kUnpacked = 8192;     // floats of a matrix that the L1 cache holds anyway
constexpr std::int64_t kShortRow = 512;      // floats; the columns of longer ones share cache sets
constexpr std::int64_t kManyRows = 1024;     // of c, over which packing b costs nothing to speak of
constexpr std::int64_t kCached = 1 << 18;    // floats of a matrix that the caches hold anyway

struct Problem {
  Problem(float* c, const float* a, const float* b, const GemmShape& shape)
      : c(c),
        a(a),
        b(b),
        shape(shape),
        lda(shape.transpose_a ? shape.m : shape.k),
        ldb(shape.transpose_b ? shape.k : shape.n) {}

  const float* a_at(std::int64_t row, std::int64_t p) const {
    return shape.transpose_a ? a + p * lda + row : a + row * lda + p;
  }
  const float* b_at(std::int64_t p, std::int64_t column) const {
    return shape.transpose_b ? b + column * ldb + p : b + p * ldb + column;
  }
  /// The same product of only these steps of the sum, into another matrix.
  Problem slice(float* to, Range depth) const {
    Problem part(to, a_at(0, depth.begin), b_at(depth.begin, 0), shape);
    part.shape.k = depth.size();
    part.lda = lda;
    part.ldb = ldb;
    return part;
  }

  float* c;
  const float *a, *b;
  GemmShape shape;
  std::int64_t lda, ldb;
  EpilogueArguments epilogue;
  const WeightUpdate* update = nullptr;  // takes blocks of c instead of storing them
  const BackwardEpilogue* gradient = nullptr;
  float* sums = nullptr;  // of its rows
};

/// How a product is cut. Every element of c is summed in the same order whatever is chosen here.
struct Plan {
  Plan(const GemmShape& s, int threads, std::int64_t row_unit = kRows,
       std::int64_t column_unit = kLanes)
      : row_unit(row_unit),
        column_unit(column_unit),
        rows(s.m),
        columns(s.n),
        depth(block_depth(s.k)),
        pack_a(s.transpose_a && s.k * s.m > kUnpacked && s.n > kColumns),
        pack_b(packs_b(s)),
        prefetch_packed_a(pack_a && s.k * s.m > kCached),
        prefetch_b(s.k * s.n > kCached) {
    if (s.m * s.n * s.k <= kSerialWork) return;
    choose_parts(s, threads);
    by_columns = row_parts == 1 && column_parts > 1;
    by_columns ? choose_columns(s) : choose_rows(s);
  }

  int threads() const { return static_cast<int>(row_parts * column_parts); }
  // What threads take: units of columns, or of the rows of one part of the columns after the other.
  std::int64_t num_items() const {
    return by_columns ? column_units() : column_parts * row_units();
  }
  /// Calls part(rows, columns) for what some items are.
  template <class Part>
  void for_each_part(Range items, const Part& part) const {
    if (by_columns) return part(Range{0, rows}, columns_of(items));
    const EvenParts beside(column_units(), column_parts);
    for (std::int64_t i = items.begin; i < items.end;) {
      const std::int64_t first = i % row_units();
      const std::int64_t count = std::min(row_units() - first, items.end - i);
      part(rows_of({first, first + count}), columns_of(beside[i / row_units()]));
      i += count;
    }
  }

  /// The rows and columns of one part.
  std::pair<Range, Range> part(std::int64_t i) const {
    const EvenParts below(row_units(), row_parts), beside(column_units(), column_parts);
    return {rows_of(below[i / column_parts]), columns_of(beside[i % column_parts])};
  }

  std::int64_t packed_a_floats() const { return pack_a ? kBlockTiles * kRows * depth + kLanes : 0; }
  std::int64_t packed_b_floats(const GemmShape& s) const {
    const std::int64_t columns = pack_b ? std::min(s.n, kBlockColumns) : kColumns;
    return ceil_div(columns, kLanes) * kLanes * depth;
  }
  std::size_t worker_bytes(const GemmShape& s) const {
    return aligned_bytes(packed_a_floats()) + aligned_bytes(packed_b_floats(s));
  }
  // Bytes of a block of c that is not stored.
  static constexpr std::size_t kBlockBytes = aligned_bytes(kBlockTiles * kRows * kBlockColumns);

  std::int64_t row_unit, column_unit;  // what each piece is a multiple of
  std::int64_t rows, columns;
  std::int64_t depth;  // steps of the sum in one pass over c
  bool pack_a, pack_b;
  bool prefetch_packed_a, prefetch_b;
  std::int64_t row_parts = 1, column_parts = 1;
  bool by_columns = false;
  std::int64_t least = 1;  // items that are taken at a time

 private:
  std::int64_t row_units() const { return ceil_div(rows, row_unit); }
  std::int64_t column_units() const { return ceil_div(columns, column_unit); }
  Range rows_of(Range units) const {
    return {units.begin * row_unit, std::min(units.end * row_unit, rows)};
  }
  Range columns_of(Range units) const {
    return {units.begin * column_unit, std::min(units.end * column_unit, columns)};
  }
  // How many items of so many multiplications are worth being taken.
  static std::int64_t worth(std::int64_t multiplications) {
    return ceil_div(kSerialWork / 2, multiplications);
  }

  // So many that packing or reading the other matrix again for each piece costs little.
  void choose_rows(const GemmShape& s) {
    const bool one_pass = s.k <= kGemmDepth, packed_once = one_pass && s.n <= kBlockColumns;
    std::int64_t paying = s.n % kLanes == 0 || one_pass ? 1 : kBlockTiles * kRows;
    if (pack_b && !packed_once) paying = s.transpose_b ? 384 : 128;
    if (!pack_b && s.k * s.n > kCached) paying = 384;
    least =
        std::max(ceil_div(paying, row_unit), worth(row_unit * ceil_div(s.n, column_parts) * s.k));
  }
  // Whole panels, and where there are many, whole blocks.
  void choose_columns(const GemmShape& s) {
    const std::int64_t each = s.n / column_parts;
    const bool rereads = pack_a || s.m * s.k > kCached;
    if (each >= 8 * kBlockColumns) {
      column_unit = kBlockColumns;
    } else if (each >= 4 * kColumns) {
      column_unit = std::max(column_unit, kColumns);
      least = rereads ? ceil_div(kBlockColumns, column_unit) : 1;
    } else {
      least = each;
    }
    least = std::max(least, worth(s.m * column_unit * s.k));
  }

  // Rows of whole cache lines are read where they lie, unless packing them pays.
  static bool packs_b(const GemmShape& s) {
    if (s.transpose_b) return true;
    const bool as_good = s.n % 16 == 0 && s.n <= kShortRow && s.m <= kManyRows;
    return s.k * s.n > kUnpacked && s.m > 3 * kRows && !as_good;
  }

  // About even, and whole cache lines of a row of a.
  static std::int64_t block_depth(std::int64_t k) {
    const std::int64_t even = ceil_div(k, std::max<std::int64_t>(1, ceil_div(k, kGemmDepth)));
    return std::min(k, ceil_div(even, 16) * 16);
  }

  // The grid of parts whose largest one multiplies, packs and reads least, in multiplications for
  // each step of the sum. Parts side by side cost more than parts below each other: the end of a
  // line of c is prefetched from the cache of the other processor.
  void choose_parts(const GemmShape& s, int threads) {
    constexpr double kReadA = 4, kSideBySide = 6, kPackRows = 4, kPackColumns = 12;
    const double pack = pack_b ? (s.transpose_b ? kPackColumns : kPackRows) : 0;
    double best = std::numeric_limits<double>::infinity();
    const std::int64_t tiles = ceil_div(s.m, row_unit), units = ceil_div(s.n, column_unit);
    for (std::int64_t rows = 1; rows <= std::min<std::int64_t>(threads, tiles); ++rows) {
      const std::int64_t columns = std::min(threads / rows, units);
      const double height = static_cast<double>(ceil_div(tiles, rows) * row_unit);
      const double width = static_cast<double>(ceil_div(units, columns) * column_unit);
      const double read = kReadA + (columns > 1 ? kSideBySide : 0);
      const double cost = height * width + pack * width + read * height;
      if (cost < best) {
        best = cost;
        row_parts = rows;
        column_parts = columns;
      }
    }
  }
};

// Rows of dx with a common sum, which belong to one thread: by the shape alone, and at most 64
// sums.
std::int64_t summed_rows(const GemmShape& s) {
  return ceil_div(std::max<std::int64_t>(1, s.m), 64 * 16) * 16;
}
std::int64_t row_unit(const GemmShape& s, bool sums_rows) {
  return sums_rows ? summed_rows(s) : kRows;
}

// What becomes of a block of c that is summed.
void finish(const Problem& g, Range rows, Range columns) {
  if (g.gradient != nullptr) {
    epilogue_grad_block(g.c, g.sums, g.gradient->z, g.shape.n, rows.begin, rows.end, columns.begin,
                        columns.end, summed_rows(g.shape), g.gradient->epilogue);
  } else if (!is_empty(g.epilogue)) {
    apply_epilogue(g.c, g.shape.n, rows.begin, rows.end, columns.begin, columns.end, g.epilogue);
  }
}

/// What one thread does of a product.
class Worker {
 public:
  Worker(const Problem& g, const Plan& plan, std::byte* scratch)
      : g_(g),
        plan_(plan),
        packed_a_(reinterpret_cast<float*>(scratch)),
        packed_b_(reinterpret_cast<float*>(scratch + aligned_bytes(plan.packed_a_floats()))),
        block_(reinterpret_cast<float*>(scratch + plan.worker_bytes(g.shape))) {}

  void run(Range rows, Range columns) {
    columns_ = next_columns(columns.begin, columns.end);
    for (; columns_.size() > 0; columns_ = next_columns(columns_.end, columns.end)) {
      depth_ = next_depth(0);
      do {
        multiply(rows);
        depth_ = next_depth(depth_.end);
      } while (depth_.size() > 0);
    }
  }

 private:
  static Range next_columns(std::int64_t begin, std::int64_t end) {
    return {begin, std::min(begin + kBlockColumns, end)};
  }
  Range next_depth(std::int64_t begin) const {
    return {begin, std::min(begin + plan_.depth, g_.shape.k)};
  }

  void multiply(Range rows) {
    const Panels panels(columns_.size());
    const EvenParts tiles(rows.size(), std::max<std::int64_t>(1, ceil_div(rows.size(), kRows)));
    const auto tile_rows = [&](std::int64_t tile) {
      return Range{rows.begin + tiles[tile].begin, rows.begin + tiles[tile].end};
    };
    pack_b(panels);
    prefetch_b_ = {next_b(), tiles.count() * panels.count()};
    for (std::int64_t first = 0; first < tiles.count(); first += kBlockTiles) {
      const std::int64_t end = std::min(first + kBlockTiles, tiles.count());
      const Range block{tile_rows(first).begin, tile_rows(end - 1).end};
      block_begin_ = block.begin;
      float* packed = packed_a_;
      for (std::int64_t i = first; i < end; ++i, packed += kRows * depth_.size()) {
        if (plan_.pack_a) pack_a(packed, tile_rows(i));
      }
      prefetch_a_ = {next_packed_a(block), (end - first) * panels.count()};
      prefetch_finish(block, (end - first) * panels.count());
      packed = packed_a_;
      for (std::int64_t i = first; i < end; ++i, packed += kRows * depth_.size()) {
        multiply_tile(tile_rows(i), packed, panels);
      }
      if (depth_.end < g_.shape.k) continue;
      g_.update != nullptr ? apply_update(block) : finish(g_, block, columns_);
    }
  }

  // Where the columns of a row of c begin: in place, or in the block that an update takes.
  float* c_row(std::int64_t row) const {
    if (g_.update != nullptr) return block_ + (row - block_begin_) * columns_.size();
    return g_.c + row * g_.shape.n + columns_.begin;
  }

  void apply_update(Range rows) const {
    const WeightUpdate& u = *g_.update;
    const std::int64_t n = g_.shape.n, columns = columns_.size();
    const std::int64_t step = columns == n ? rows.size() : 1;  // rows that lie side by side
    for (std::int64_t row = rows.begin; row < rows.end; row += step) {
      const std::int64_t at = row * n + columns_.begin;
      UpdateSegment part = u.weight.part(at, at + step * columns);
      part.g = c_row(row);
      u.range(part, u.arguments);
    }
  }

  void multiply_tile(Range rows, const float* packed, const Panels& panels) {
    const Segment segment{0, depth_.size()};
    const float* a[kRows];
    float* c[kRows];
    TileArguments t{.a = a, .c = c, .segments = &segment, .accumulate = depth_.begin > 0};
    t.a_step = plan_.pack_a ? kRows : g_.shape.transpose_a ? g_.lda : 1;
    for (std::int64_t r = 0; r < rows.size(); ++r) {
      a[r] = plan_.pack_a ? packed + r : g_.a_at(rows.begin + r, depth_.begin);
      c[r] = c_row(rows.begin + r);
    }
    prefetch_tile_ = {next_a(rows), panels.count()};
    for (std::int64_t i = 0; i < panels.count(); ++i) {
      const Panels::Panel panel = panels[i];
      const bool packed_b = is_packed(panel);
      t.b =
          packed_b ? packed_at(panel) : g_.b_at(depth_.begin, columns_.begin + panel.columns.begin);
      t.b_step = packed_b ? panel.width() : g_.ldb;
      t.c_offset = panel.columns.begin;
      t.columns = panel.columns.size();
      run_tile(t, rows.size(), panel.vectors);
    }
  }

  void run_tile(TileArguments& t, std::int64_t rows, std::int64_t vectors) {
    PrefetchRuns runs(depth_.size() / 2);
    prefetch_tile_.next(runs);
    prefetch_a_.next(runs);
    prefetch_b_.next(runs);
    for (Prefetcher& x : prefetch_finish_) x.next(runs);
    if (rows == kRows && vectors == kVectors) {
      t.runs = runs.all();
      prefetching_tile(t);
    } else {
      runs.fetch();
      tile_function(rows, vectors)(t);
    }
  }

  // What comes from memory while this is multiplied: what the next pass reads of b, what the next
  // block of tiles packs of a, and what the next tile reads of an a that is not packed.

  Region next_b() const {
    if (!plan_.prefetch_b) return {};
    Range depth = next_depth(depth_.end), columns = columns_;
    if (depth.size() == 0) {
      depth = next_depth(0);
      columns = next_columns(columns_.end, g_.shape.n);
    }
    const float* first = g_.b_at(depth.begin, columns.begin);
    if (g_.shape.transpose_b) return {first, g_.ldb, columns.size(), depth.size()};
    return {first, g_.ldb, depth.size(), columns.size()};
  }

  Region next_packed_a(Range block) const {
    if (!plan_.prefetch_packed_a) return {};
    const std::int64_t rows = std::min(block.size(), g_.shape.m - block.end);
    return {g_.a_at(block.end, depth_.begin), g_.lda, depth_.size(), rows};
  }

  // What is read to finish a block of c, while the block is multiplied.
  void prefetch_finish(Range block, std::int64_t steps) {
    const std::int64_t n = g_.shape.n, at = block.begin * n + columns_.begin;
    const auto prefetcher = [&](const float* x) -> Prefetcher {
      return {{x + at, n, block.size(), columns_.size()}, steps};
    };
    if (g_.gradient != nullptr && depth_.end == g_.shape.k) {
      prefetch_finish_[0] = prefetcher(g_.gradient->z);
    }
    if (g_.update == nullptr) return;
    const auto& from = g_.update->weight.from;
    for (std::size_t k = 0; k < from.size() && from[k] != nullptr; ++k) {
      prefetch_finish_[k] = prefetcher(from[k]);
    }
  }

  Region next_a(Range tile) const {
    if (g_.shape.transpose_a) return {};
    const std::int64_t rows = std::min<std::int64_t>(kRows, g_.shape.m - tile.end);
    return {g_.a_at(tile.end, depth_.begin), g_.lda, rows, depth_.size()};
  }

  bool is_packed(const Panels::Panel& panel) const { return plan_.pack_b || !panel.is_whole(); }
  float* packed_at(const Panels::Panel& panel) const {
    return packed_b_ + (plan_.pack_b ? panel.columns.begin * depth_.size() : 0);
  }

  void pack_b(const Panels& panels) {
    if (packed_columns_ == columns_ && packed_depth_ == depth_) return;
    packed_columns_ = columns_;
    packed_depth_ = depth_;
    const auto pack = g_.shape.transpose_b ? pack_columns : pack_rows;
    for (std::int64_t i = 0; i < panels.count(); ++i) {
      const Panels::Panel panel = panels[i];
      if (!is_packed(panel)) continue;
      pack(packed_at(panel), panel.width(),
           g_.b_at(depth_.begin, columns_.begin + panel.columns.begin), g_.ldb, depth_.size(),
           panel.columns.size());
    }
  }

  void pack_a(float* to, Range rows) {
    pack_narrow(to, g_.a_at(rows.begin, depth_.begin), g_.lda, depth_.size(), rows.size());
  }

  const Problem& g_;
  const Plan& plan_;
  float *packed_a_, *packed_b_, *block_;
  Range columns_, depth_, packed_columns_, packed_depth_;
  std::int64_t block_begin_ = 0;
  Prefetcher prefetch_tile_, prefetch_a_, prefetch_b_;
  std::array<Prefetcher, 4> prefetch_finish_;  // of the weight and its slots, or of z
};

// A slice of the sum in parts, each of which is an item; the first slice is the longest.
struct SlicedPlan {
  SlicedPlan(const GemmShape& s, const SumSlices& slices)
      : part(first(s, slices), slices.blocks(s.threads)),
        others_bytes(aligned_bytes((slices.count() - 1) * slices.floats())) {}

  Plan part;
  std::size_t others_bytes;  // of the other slices' results

 private:
  static GemmShape first(GemmShape s, const SumSlices& slices) {
    s.k = slices[0].size();
    return s;
  }
};

// c = the slices' results added in order, and what becomes of it.
void finish_slices(const Problem& g, const float* others, const SumSlices& slices) {
  const std::int64_t n = g.shape.n, unit = row_unit(g.shape, g.gradient != nullptr);
  const std::int64_t grain = kLightGrain / (unit * n * slices.count()) + 1;
  parallel_for(ceil_div(g.shape.m, unit), grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Range rows{i * unit, std::min((i + 1) * unit, g.shape.m)};
      add_slices(g.c, others, slices, rows.begin * n, rows.end * n);
      finish(g, rows, {0, n});
    }
  });
}

void multiply_slices(const Problem& g, const SumSlices& slices, std::byte* scratch) {
  const SlicedPlan plan(g.shape, slices);
  auto* others = reinterpret_cast<float*>(scratch);
  scratch += plan.others_bytes;
  const std::int64_t parts = plan.part.threads();
  const std::size_t bytes = plan.part.worker_bytes(g.shape);
  parallel_shares(slices.count() * parts, 1, g.shape.threads, [&](Share& share) {
    std::byte* mine = scratch + static_cast<std::size_t>(share.thread()) * bytes;
    share.for_each([&](std::int64_t i) {
      const std::int64_t slice = i / parts;
      float* to = slice == 0 ? g.c : others + (slice - 1) * slices.floats();
      const Problem part = g.slice(to, slices[slice]);
      const auto [rows, columns] = plan.part.part(i % parts);
      Worker(part, plan.part, mine).run(rows, columns);
    });
  });
  finish_slices(g, others, slices);
}

void multiply(const Problem& g, std::byte* scratch) {
  const GemmShape& s = g.shape;
  const SumSlices slices(s, s.k);
  if (slices.count() > 1) return multiply_slices(g, slices, scratch);
  const Plan plan(s, detail::team_size(s.threads), row_unit(s, g.gradient != nullptr),
                  g.epilogue.dropout ? 128 : kLanes);  // random bits come for 128 columns at a time
  const std::size_t bytes = plan.worker_bytes(s) + (g.update != nullptr ? Plan::kBlockBytes : 0);
  parallel_shares(plan.num_items(), plan.least, plan.threads(), [&](Share& share) {
    Worker worker(g, plan, scratch + static_cast<std::size_t>(share.thread()) * bytes);
    for (Range piece; share.take(piece);) {
      plan.for_each_part(piece, [&](Range rows, Range columns) { worker.run(rows, columns); });
    }
  });
}

std::size_t bytes_of_workers(const GemmShape& s, std::size_t beside, bool sums_rows = false) {
  const auto threads = static_cast<std::size_t>(s.threads);
  if (const SumSlices slices(s, s.k); slices.count() > 1) {
    const SlicedPlan plan(s, slices);
    return plan.others_bytes + plan.part.worker_bytes(s) * threads;
  }
  const Plan plan(s, s.threads, row_unit(s, sums_rows));
  return (plan.worker_bytes(s) + beside) * (plan.threads() == 1 ? 1 : threads);
}

std::int64_t num_sums(const GemmShape& s) { return ceil_div(s.m, summed_rows(s)); }
std::size_t sums_bytes(const GemmShape& s) { return aligned_bytes(num_sums(s) * s.n); }

}  // namespace

std::size_t scratch_bytes(const GemmShape& s) {
  return is_gemv(s) ? gemv_scratch_bytes(s) : bytes_of_workers(s, 0);
}
std::size_t update_scratch_bytes(const GemmShape& s) {
  return bytes_of_workers(s, Plan::kBlockBytes);
}

void run_gemm(float* c, const float* a, const float* b, const GemmShape& s,
              const EpilogueArguments& epilogue, std::byte* scratch) {
  if (is_gemv(s)) return gemv(c, a, b, s, epilogue, scratch);
  Problem g(c, a, b, s);
  g.epilogue = epilogue;
  multiply(g, scratch);
}

std::size_t epilogue_grad_bytes(const GemmShape& s) {
  return sums_bytes(s) + bytes_of_workers(s, 0, true);
}
void run_epilogue_grad(const BackwardEpilogue& gradient, const float* a, const float* b,
                       const GemmShape& s, std::byte* scratch) {
  Problem g(gradient.dx, a, b, s);
  g.gradient = &gradient;
  g.sums = reinterpret_cast<float*>(scratch);
  multiply(g, scratch + sums_bytes(s));
  add_block_sums(gradient.dbias, gradient.channels, g.sums, num_sums(s), s.n);
}

void run_update(const WeightUpdate& update, const float* a, const float* b, const GemmShape& s,
                std::byte* scratch) {
  Problem g(nullptr, a, b, s);
  g.update = &update;
  multiply(g, scratch);
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(scratch_bytes);
HWY_EXPORT(run_gemm);
HWY_EXPORT(update_scratch_bytes);
HWY_EXPORT(run_update);
HWY_EXPORT(epilogue_grad_bytes);
HWY_EXPORT(run_epilogue_grad);

std::size_t gemm_scratch_bytes(const GemmShape& shape) {
  return HWY_DYNAMIC_DISPATCH(scratch_bytes)(shape);
}

void gemm(float* c, const float* a, const float* b, const GemmShape& shape,
          const EpilogueArguments& epilogue, std::byte* scratch) {
  HWY_DYNAMIC_DISPATCH(run_gemm)(c, a, b, shape, epilogue, scratch);
}

std::size_t gemm_update_scratch_bytes(const GemmShape& shape) {
  return HWY_DYNAMIC_DISPATCH(update_scratch_bytes)(shape);
}

void gemm_update(const WeightUpdate& update, const float* a, const float* b, const GemmShape& shape,
                 std::byte* scratch) {
  HWY_DYNAMIC_DISPATCH(run_update)(update, a, b, shape, scratch);
}

std::size_t gemm_epilogue_grad_scratch_bytes(const GemmShape& shape) {
  return HWY_DYNAMIC_DISPATCH(epilogue_grad_bytes)(shape);
}

void gemm_epilogue_grad(const BackwardEpilogue& gradient, const float* a, const float* b,
                        const GemmShape& shape, std::byte* scratch) {
  HWY_DYNAMIC_DISPATCH(run_epilogue_grad)(gradient, a, b, shape, scratch);
}

std::string gemm_implementation() { return "gemm:" + simd_target_name(); }

}  // namespace banach::cpu
#endif  // HWY_ONCE
