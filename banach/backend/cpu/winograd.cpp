#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/winograd.hpp>
#include <banach/core/simd_targets.hpp>

#include <atomic>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/winograd.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/winograd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

/// The forward pass, or the input gradient: that is the forward pass on dy with the kernel turned
/// around and its channels swapped. T is what the result is stored as.
template <class T>
class WinogradForward {
 public:
  WinogradForward(const ConvShape& s, bool gradient, std::byte* memory)
      : s_(s),
        gradient_(gradient),
        inputs_(gradient ? s.filters : s.channels),
        outputs_(gradient ? s.channels : s.filters),
        grid_(make_grid()) {
    const std::int64_t tile_bytes = 64 * (inputs_ + outputs_);
    blocks_ = TileBlocks(grid_, std::clamp(kBlockBytes / tile_bytes, kLeastTiles, kMostTiles));
    // small work still gives every thread rows of its own
    blocks_.rows = std::min(blocks_.rows, ceil_div(grid_.num_rows(), num_threads(s.threads)));
    Scratch scratch(memory);
    take(scratch);
  }

  std::size_t scratch_bytes() const { return scratch_bytes_; }

  void run(T* out, const float* in, const float* w, const EpilogueArguments& epilogue) const {
    parallel_for(Panels(outputs_).count(), kPanelGrain / (inputs_ * kPlaces) + 1,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t i = begin; i < end; ++i) pack_panel(w, i);
                 });
    const int threads = num_threads(s_.threads);
    const EvenParts chunks = even_chunks(threads);
    parallel_shares(chunks.count(), 1, threads, [&](Share& share) {
      const Buffers mine = buffers(share.thread());
      share.for_each([&](std::int64_t i) { run_chunk(out, in, chunks[i], epilogue, mine); });
    });
  }

 private:
  static constexpr std::int64_t kPanelGrain = 4096;
  // Both transformed sides of a block stay in the second cache beside the kernel's; but a kernel
  // that does not should at least be read for many tiles at once.
  static constexpr std::int64_t kBlockBytes = 384 << 10, kLeastTiles = 48, kMostTiles = 128;
  static constexpr bool kNarrow = !std::is_same_v<T, float>;

  struct Buffers {  // of one thread
    float* image;
    float* v;            // (places, tiles of a block, inputs)
    float* m;            // (places, tiles of a block, outputs)
    const float** rows;  // (rows of a chunk,): where each row of tiles begins in its image
    float* sums;         // of a chunk whose result is narrower than its sums
  };

  TileGrid make_grid() const {
    const Size2 &before = s_.window.before, out = s_.output();
    if (!gradient_) return {s_.batch, out, {s_.height, s_.width}, s_.channels, before};
    return {
        s_.batch, {s_.height, s_.width}, out, s_.filters, {2 - before.height, 2 - before.width}};
  }
  int num_threads(int most) const {
    return useful_threads(most, grid_.num_rows(), grid_.num_tiles() * kPlaces * inputs_ * outputs_);
  }

  // Of the rows of tiles: as many for each thread.
  EvenParts even_chunks(int threads) const {
    const std::int64_t rows = grid_.num_rows();
    const std::int64_t each = ceil_div(ceil_div(rows, blocks_.rows), threads);
    return {rows, std::min(each * threads, rows)};
  }

  void take(Scratch& scratch) {
    const std::int64_t threads = num_threads(s_.threads), tiles = blocks_.most_tiles(grid_);
    u_floats_ = inputs_ * ceil_div(outputs_, kLanes) * kLanes;
    u_ = scratch.take<float>(kPlaces * u_floats_);
    v_layout_ = PlaceMatrices(tiles, inputs_);
    m_layout_ = PlaceMatrices(tiles, outputs_);
    v_ = scratch.take<float>(threads * v_layout_.all_floats());
    m_ = scratch.take<float>(threads * m_layout_.all_floats());
    image_floats_ = grid_.buffer_floats(blocks_.rows);
    images_ = scratch.take<float>(threads * image_floats_);
    rows_ = scratch.take<const float*>(threads * blocks_.rows);
    sums_floats_ = kNarrow ? 2 * blocks_.rows * grid_.result().width * outputs_ : 0;
    sums_ = scratch.take<float>(threads * sums_floats_);
    scratch_bytes_ = scratch.bytes();
  }

  Buffers buffers(int thread) const {
    return {images_ + thread * image_floats_, v_ + thread * v_layout_.all_floats(),
            m_ + thread * m_layout_.all_floats(), rows_ + thread * blocks_.rows,
            sums_ + thread * sums_floats_};
  }

  // U = G g G^T of one panel of columns, where the tile reads it. The taps are packed into the
  // first nine places, and transformed there.
  void pack_panel(const float* w, std::int64_t index) const {
    const auto [columns, vectors] = Panels(outputs_)[index];
    const std::int64_t width = vectors * kLanes;
    float* to = u_ + columns.begin * inputs_;
    for (std::int64_t i = 0; i < 9; ++i) {
      const float* tap = w + (gradient_ ? 8 - i : i) * s_.channels * s_.filters;
      if (gradient_) {
        pack_columns(to + i * u_floats_, width, tap + columns.begin * s_.filters, s_.filters,
                     inputs_, columns.size());
      } else {
        pack_rows(to + i * u_floats_, width, tap + columns.begin, s_.filters, inputs_,
                  columns.size());
      }
    }
    const Tag d;
    for (std::int64_t at = 0; at < inputs_ * width; at += num_lanes()) {
      float* u = to + at;
      transform<KernelTransform>(
          [&](int i, int j) HWY_ATTR { return hn::LoadU(d, u + (3 * i + j) * u_floats_); },
          [&](Floats value, int i, int j)
              HWY_ATTR { hn::StoreU(value, d, u + (4 * i + j) * u_floats_); });
    }
  }

  void run_chunk(T* out, const float* in, Range rows, const EpilogueArguments& epilogue,
                 const Buffers& buffers) const {
    const Range pixels = grid_.pixels(rows);
    float* to;
    if constexpr (kNarrow) {
      to = buffers.sums - pixels.begin * outputs_;  // as if all pixels lay there
    } else {
      to = out;
    }
    grid_.point(buffers.rows, in, rows, buffers.image);
    const EvenParts columns = blocks_.columns(grid_);
    const std::int64_t seen = grid_.seen_before(rows.end);
    Ahead ahead;
    ahead.add(to + pixels.begin * outputs_, pixels.size() * outputs_);
    ahead.add(in + seen, grid_.seen_before(rows.end + rows.size()) - seen);
    for (std::int64_t i = 0; i < columns.count(); ++i) {
      transform_images(buffers.v, v_layout_, buffers.rows, rows.size(), columns[i], grid_.image(),
                       {0, inputs_});
      const std::int64_t tiles = rows.size() * columns[i].size();
      multiply(tiles, ahead, buffers);
      transform_back(to, rows, columns[i], buffers);
    }
    if (!is_empty(epilogue)) {
      apply_epilogue(to, outputs_, pixels.begin, pixels.end, 0, outputs_, epilogue);
    }
    if constexpr (kNarrow) {
      convert(out + pixels.begin * outputs_, buffers.sums, pixels.size() * outputs_);
    }
  }

  // M = V U for each place.
  void multiply(std::int64_t tiles, const Ahead& ahead, const Buffers& buffers) const {
    const Panels panels(outputs_);
    for (std::int64_t place = 0; place < kPlaces; ++place) {
      for (std::int64_t i = 0; i < panels.count(); ++i) {
        const auto [columns, vectors] = panels[i];
        const float* v = buffers.v + place * v_layout_.floats;
        const float* u = u_ + place * u_floats_ + columns.begin * inputs_;
        float* m = buffers.m + place * m_layout_.floats + columns.begin;
        for (std::int64_t done = 0; done < inputs_; done += kConvDepth) {
          PlaceProduct t{v + done, v_layout_.columns, u + done * vectors * kLanes,
                         m,        m_layout_.columns, std::min(inputs_ - done, kConvDepth),
                         0,        done > 0};
          if (done == 0) ahead.set(t, place * panels.count() + i, kPlaces * panels.count(), tiles);
          multiply_rows<false>(t, tiles, vectors);
        }
      }
    }
  }

  // Y = A^T M A, as far as there are pixels.
  void transform_back(float* out, Range rows, Range columns, const Buffers& buffers) const {
    const float* m = buffers.m;
    const std::int64_t pitch = grid_.result().width * outputs_;
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const Range lines = grid_.pixel_rows(row);
      float* y = out + lines.begin * pitch + 2 * columns.begin * outputs_;
      for (std::int64_t column = columns.begin; column < columns.end; ++column) {
        const std::int64_t across = grid_.pixels_across(column);
        if (lines.size() == 2 && across == 2) {
          transform_tile(y, m, pitch, 2, 2);
        } else {
          transform_tile(y, m, pitch, lines.size(), across);
        }
        m += m_layout_.columns;
        y += 2 * outputs_;
      }
    }
  }

  HWY_INLINE void transform_tile(float* y, const float* m, std::int64_t pitch, std::int64_t height,
                                 std::int64_t width) const {
    const std::int64_t place = m_layout_.floats, step = outputs_;
    for_each_vector(outputs_, [&](auto access, std::int64_t k) HWY_ATTR {
      transform<OutputTransform>(
          [&](int i, int j) HWY_ATTR { return hn::LoadU(Tag(), m + (4 * i + j) * place + k); },
          [&](Floats value, int i, int j) HWY_ATTR {
            if (i < height && j < width) access.store(value, y + i * pitch + j * step + k);
          });
    });
  }

  const ConvShape& s_;
  bool gradient_;
  std::int64_t inputs_, outputs_;  // channels: summed, resulting
  TileGrid grid_;
  TileBlocks blocks_;
  float* u_ = nullptr;         // (places, panels, inputs, width of the panel)
  std::int64_t u_floats_ = 0;  // from one place to the next
  PlaceMatrices v_layout_, m_layout_;
  float *v_ = nullptr, *m_ = nullptr, *images_ = nullptr, *sums_ = nullptr;
  const float** rows_ = nullptr;
  std::int64_t image_floats_ = 0, sums_floats_ = 0;  // of one thread
  std::size_t scratch_bytes_ = 0;
};

std::size_t float_bytes(const ConvShape& s, bool gradient) {
  return WinogradForward<float>(s, gradient, nullptr).scratch_bytes();
}
std::size_t bf16_bytes(const ConvShape& s) {
  return WinogradForward<BFloat16>(s, false, nullptr).scratch_bytes();
}

void run_float(float* out, const float* in, const float* w, const ConvShape& s, bool gradient,
               const EpilogueArguments& epilogue, std::byte* scratch) {
  WinogradForward<float>(s, gradient, scratch).run(out, in, w, epilogue);
}
void run_bf16(BFloat16* out, const float* in, const float* w, const ConvShape& s,
              const EpilogueArguments& epilogue, std::byte* scratch) {
  WinogradForward<BFloat16>(s, false, scratch).run(out, in, w, epilogue);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(float_bytes);
HWY_EXPORT(bf16_bytes);
HWY_EXPORT(run_float);
HWY_EXPORT(run_bf16);

namespace {

std::atomic<Winograd> chosen = Winograd::where_faster;

bool works(const ConvShape& s) {
  const Window& w = s.window;
  return w.size == Size2(3) && w.strides == Size2(1) && w.dilation == Size2(1) && s.groups == 1 &&
         w.before.height <= 2 && w.before.width <= 2 && s.batch > 0;
}

// In multiplications a channel and filter: what transforms cost beside the 16 of a tile, by the
// times of all passes for 8 to 512 channels and 16 to 512 filters, images of 7 x 7 to 56 x 56 and
// batches of 1 and 32 (AVX-512). A tile's are worth 150 for each channel and each filter, the
// kernel's 300 for each of their pairs. So 16 channels to 16 filters gain a little on large images,
// 8 nothing; 64 to 64 gain from 8 x 8 pixels on.
constexpr std::int64_t kTileCost = 150, kKernelCost = 300;

bool is_faster(const ConvShape& s) {
  const Size2 out = s.output();
  const std::int64_t pairs = s.channels * s.filters;
  const std::int64_t tiles = s.batch * ceil_div(out.height, 2) * ceil_div(out.width, 2);
  const std::int64_t direct = 9 * s.batch * out.height * out.width * pairs;
  return direct > tiles * (16 * pairs + kTileCost * (s.channels + s.filters)) + kKernelCost * pairs;
}

}  // namespace

bool use_winograd(const ConvShape& shape) {
  if (chosen == Winograd::never || !works(shape)) return false;
  return chosen == Winograd::always || is_faster(shape);
}
void choose_winograd(Winograd choice) { chosen = choice; }

std::size_t winograd_forward_scratch_bytes(const ConvShape& shape, DType y) {
  return y == bfloat16 ? HWY_DYNAMIC_DISPATCH(bf16_bytes)(shape)
                       : HWY_DYNAMIC_DISPATCH(float_bytes)(shape, false);
}
std::size_t winograd_input_grad_scratch_bytes(const ConvShape& shape) {
  return HWY_DYNAMIC_DISPATCH(float_bytes)(shape, true);
}

void winograd_forward(float* y, const float* x, const float* w, const ConvShape& shape,
                      const EpilogueArguments& epilogue, std::byte* scratch) {
  HWY_DYNAMIC_DISPATCH(run_float)(y, x, w, shape, false, epilogue, scratch);
}
void winograd_forward(BFloat16* y, const float* x, const float* w, const ConvShape& shape,
                      const EpilogueArguments& epilogue, std::byte* scratch) {
  HWY_DYNAMIC_DISPATCH(run_bf16)(y, x, w, shape, epilogue, scratch);
}
void winograd_input_grad(float* dx, const float* dy, const float* w, const ConvShape& shape,
                         std::byte* scratch) {
  HWY_DYNAMIC_DISPATCH(run_float)(dx, dy, w, shape, true, {}, scratch);
}

}  // namespace banach::cpu
#endif  // HWY_ONCE
