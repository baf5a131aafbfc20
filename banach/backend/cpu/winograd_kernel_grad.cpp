#include <banach/backend/cpu/winograd.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/winograd_kernel_grad.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/winograd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

/// dU = V^T (A dY A^T), summed over the tiles, then dw = G^T dU G. Slices of the batch are summed
/// apart and then added in order. T is what dy is stored as.
template <class T>
class WinogradKernelGrad {
 public:
  WinogradKernelGrad(const ConvShape& s, std::byte* memory)
      : s_(s),
        grid_(s.batch, s.output(), {s.height, s.width}, s.channels, s.window.before),
        u_layout_(s.channels, s.filters) {
    const std::int64_t tile_bytes = 64 * (s.channels + s.filters);
    blocks_ = TileBlocks(grid_, std::clamp(kBlockBytes / tile_bytes, kLeastTiles, kMostTiles));
    slices_ =
        gradient_slices(u_layout_.all_floats(), grid_.num_tiles() / kSliceTiles, grid_.num_rows());
    // fewer slices than threads might want: the channels are cut too
    channel_parts_ = std::clamp<std::int64_t>(s.channels / 64, 1, ceil_div(kMaxSlices, slices_));
    Scratch scratch(memory);
    take(scratch);
    if (memory != nullptr) std::fill_n(zeros_, s.filters, T());
  }

  std::size_t scratch_bytes() const { return scratch_bytes_; }

  void run(float* dw, const float* x, const T* dy) const {
    const EvenParts channels(s_.channels, channel_parts_);
    parallel_shares(slices_ * channel_parts_, 1, num_threads(s_.threads), [&](Share& share) {
      const Buffers mine = buffers(share.thread());
      share.for_each([&](std::int64_t i) {
        run_slice(x, dy, i / channel_parts_, channels[i % channel_parts_], mine);
      });
    });
    parallel_for(s_.channels, kSerialWork / (s_.filters * kPlaces * slices_) + 1,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t c = begin; c < end; ++c) transform_back(dw, c);
                 });
  }

 private:
  static constexpr std::int64_t kSliceTiles = 128;  // pay for a slice
  static constexpr std::int64_t kBlockBytes = 512 << 10, kLeastTiles = 48, kMostTiles = 128;

  struct Buffers {  // of one thread
    float* image;
    float* v;            // (places, tiles of a block, channels)
    float* m;            // (places, panels, tiles of a block, width of the panel)
    const float** rows;  // (rows of a chunk,): where each row of tiles begins in its image
  };

  int num_threads(int most) const {
    return useful_threads(most, slices_ * channel_parts_,
                          grid_.num_tiles() * kPlaces * s_.channels * s_.filters);
  }

  void take(Scratch& scratch) {
    const std::int64_t threads = num_threads(s_.threads), tiles = blocks_.most_tiles(grid_);
    u_ = scratch.take<float>(slices_ * u_layout_.all_floats());
    v_layout_ = PlaceMatrices(tiles, s_.channels);
    m_layout_ = PlaceMatrices(tiles, s_.filters);
    v_ = scratch.take<float>(threads * v_layout_.all_floats());
    m_ = scratch.take<float>(threads * m_layout_.all_floats());
    image_floats_ = grid_.buffer_floats(blocks_.rows);
    images_ = scratch.take<float>(threads * image_floats_);
    rows_ = scratch.take<const float*>(threads * blocks_.rows);
    zeros_ = scratch.take<T>(s_.filters);
    scratch_bytes_ = scratch.bytes();
  }

  Buffers buffers(int thread) const {
    return {images_ + thread * image_floats_, v_ + thread * v_layout_.all_floats(),
            m_ + thread * m_layout_.all_floats(), rows_ + thread * blocks_.rows};
  }

  // Some channels of dU, summed over one slice of the rows of tiles.
  void run_slice(const float* x, const T* dy, std::int64_t slice, Range channels,
                 const Buffers& buffers) const {
    float* u = u_ + slice * u_layout_.all_floats() + channels.begin * u_layout_.columns;
    bool accumulate = false;
    blocks_.for_each_chunk(EvenParts(grid_.num_rows(), slices_)[slice], [&](Range rows) {
      grid_.point(buffers.rows, x, rows, buffers.image);
      const EvenParts columns = blocks_.columns(grid_);
      const Range next{rows.end, rows.end + rows.size()}, pixels = grid_.pixels(next);
      const std::int64_t seen = grid_.seen_before(next.begin);
      Ahead ahead;
      ahead.add(x + seen, grid_.seen_before(next.end) - seen);
      ahead.add(dy + pixels.begin * s_.filters, pixels.size() * s_.filters);
      for (std::int64_t i = 0; i < columns.count(); ++i) {
        const std::int64_t tiles = rows.size() * columns[i].size();
        transform_images(buffers.v, v_layout_, buffers.rows, rows.size(), columns[i], grid_.image(),
                         channels);
        transform_gradients(buffers.m, dy, rows, columns[i], tiles);
        multiply(u, channels.size(), tiles, accumulate, ahead, buffers);
        accumulate = true;
      }
    });
  }

  // dM = A dY A^T of a block, in panels of columns as the register tile reads them.
  void transform_gradients(float* m, const T* dy, Range rows, Range columns,
                           std::int64_t tiles) const {
    const std::int64_t width = grid_.result().width;
    std::int64_t tile = 0;
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const Range lines = grid_.pixel_rows(row);
      for (std::int64_t column = columns.begin; column < columns.end; ++column, ++tile) {
        const T* pixels[2][2];
        for (int i = 0; i < 2; ++i) {
          for (int j = 0; j < 2; ++j) {
            const bool is_there = i < lines.size() && j < grid_.pixels_across(column);
            const std::int64_t pixel = (lines.begin + i) * width + 2 * column + j;
            pixels[i][j] = is_there ? dy + pixel * s_.filters : zeros_;
          }
        }
        transform_gradient(m, pixels, tile, tiles);
      }
    }
  }

  void transform_gradient(float* m, const T* const (&pixels)[2][2], std::int64_t tile,
                          std::int64_t tiles) const {
    const Panels panels(s_.filters);
    const std::int64_t place = m_layout_.floats;
    for (std::int64_t i = 0; i < panels.count(); ++i) {
      const auto [columns, vectors] = panels[i];
      float* to = m + columns.begin * tiles + tile * vectors * kLanes;
      for_each_vector(
          columns.size(), [&, first = columns.begin](auto access, std::int64_t k) HWY_ATTR {
            transform<OutputGradient>(
                [&](int i, int j) HWY_ATTR { return access.load(pixels[i][j] + first + k); },
                [&](Floats value, int i, int j)
                    HWY_ATTR { hn::StoreU(value, Tag(), to + (4 * i + j) * place + k); });
          });
    }
  }

  // u += V^T dM for each place.
  void multiply(float* u, std::int64_t channels, std::int64_t tiles, bool accumulate,
                const Ahead& ahead, const Buffers& buffers) const {
    const Panels panels(s_.filters);
    for (std::int64_t place = 0; place < kPlaces; ++place) {
      for (std::int64_t i = 0; i < panels.count(); ++i) {
        const auto [columns, vectors] = panels[i];
        PlaceProduct t{buffers.v + place * v_layout_.floats,
                       v_layout_.columns,
                       buffers.m + place * m_layout_.floats + columns.begin * tiles,
                       u + place * u_layout_.floats + columns.begin,
                       u_layout_.columns,
                       tiles,
                       0,
                       accumulate};
        ahead.set(t, place * panels.count() + i, kPlaces * panels.count(), channels);
        multiply_rows<true>(t, channels, vectors);
      }
    }
  }

  // dw = G^T dU G of one channel, from the sums of all slices.
  void transform_back(float* dw, std::int64_t channel) const {
    const float* from = u_ + channel * u_layout_.columns;
    float* to = dw + channel * s_.filters;
    const std::int64_t tap = s_.channels * s_.filters;
    for_each_vector(s_.filters, [&](auto access, std::int64_t k) HWY_ATTR {
      transform<KernelGradient>(
          [&](int i, int j) HWY_ATTR {
            const float* u = from + (4 * i + j) * u_layout_.floats + k;
            Floats sum = hn::LoadU(Tag(), u);
            for (std::int64_t slice = 1; slice < slices_; ++slice) {
              sum = hn::Add(sum, hn::LoadU(Tag(), u + slice * u_layout_.all_floats()));
            }
            return sum;
          },
          [&](Floats value, int i, int j)
              HWY_ATTR { access.store(value, to + (3 * i + j) * tap + k); });
    });
  }

  const ConvShape& s_;
  TileGrid grid_;
  TileBlocks blocks_;
  PlaceMatrices u_layout_, v_layout_, m_layout_;
  std::int64_t slices_ = 1, channel_parts_ = 1;
  float* u_ = nullptr;  // (slices, places, channels, filters)
  float *v_ = nullptr, *m_ = nullptr, *images_ = nullptr;
  const float** rows_ = nullptr;
  T* zeros_ = nullptr;             // (filters,): pixels outside
  std::int64_t image_floats_ = 0;  // of one thread
  std::size_t scratch_bytes_ = 0;
};

std::size_t float_bytes(const ConvShape& s) {
  return WinogradKernelGrad<float>(s, nullptr).scratch_bytes();
}
std::size_t bf16_bytes(const ConvShape& s) {
  return WinogradKernelGrad<BFloat16>(s, nullptr).scratch_bytes();
}

void run_float(float* dw, const float* x, const float* dy, const ConvShape& s, std::byte* scratch) {
  WinogradKernelGrad<float>(s, scratch).run(dw, x, dy);
}
void run_bf16(float* dw, const float* x, const BFloat16* dy, const ConvShape& s,
              std::byte* scratch) {
  WinogradKernelGrad<BFloat16>(s, scratch).run(dw, x, dy);
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

std::size_t winograd_kernel_grad_scratch_bytes(const ConvShape& shape, DType dy) {
  return dy == bfloat16 ? HWY_DYNAMIC_DISPATCH(bf16_bytes)(shape)
                        : HWY_DYNAMIC_DISPATCH(float_bytes)(shape);
}

void winograd_kernel_grad(float* dw, const float* x, const float* dy, const ConvShape& shape,
                          std::byte* scratch) {
  HWY_DYNAMIC_DISPATCH(run_float)(dw, x, dy, shape, scratch);
}
void winograd_kernel_grad(float* dw, const float* x, const BFloat16* dy, const ConvShape& shape,
                          std::byte* scratch) {
  HWY_DYNAMIC_DISPATCH(run_bf16)(dw, x, dy, shape, scratch);
}

}  // namespace banach::cpu
#endif  // HWY_ONCE
