#include <banach/backend/cpu/conv.hpp>
#include <banach/backend/cpu/conv_geometry.hpp>
#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/winograd.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/conv_kernel_grad.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/gemm_tile-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

/// dw = patches' dy: the rows are the places of the kernel, the sum runs over pixels. Slices of the
/// batch are summed apart and then added in order. T is what dy is stored as.
template <class T>
class KernelGradient {
 public:
  KernelGradient(const ConvShape& s, std::byte* memory)
      : s_(s),
        image_(input_image(s)),
        out_(s.output()),
        chunks_(chunks_of_rows(out_)),
        rows_(s.taps() * s.group_channels()),
        size_(rows_ * s.filters) {
    const std::int64_t work = s.batch * out_.height * out_.width * size_ / s.groups;
    slices_ = gradient_slices(size_, work / kSliceWork, num_chunks());
    // fewer slices than threads might want: the rows of dw are cut too
    row_parts_ = std::clamp<std::int64_t>(rows_ / 32, 1, ceil_div(kMaxSlices, slices_));
    Scratch scratch(memory);
    take(scratch);
    if (memory != nullptr) make_offsets();
  }

  std::size_t scratch_bytes() const { return scratch_bytes_; }

  void run(float* dw, const float* x, const T* dy) const {
    if (s_.batch == 0) std::fill(dw, dw + size_, 0.0F);
    const EvenParts row_parts(rows_, row_parts_);
    parallel_shares(slices_ * row_parts_, 1, num_threads(s_.threads), [&](Share& share) {
      const Buffers mine = buffers(share.thread());
      share.for_each([&](std::int64_t i) {
        run_slice(dw, x, dy, i / row_parts_, row_parts[i % row_parts_], mine);
      });
    });
    if (slices_ > 1) add_slices(dw);
  }

 private:
  static constexpr std::int64_t kSliceWork = 100000;  // multiplications that pay for a slice

  struct Buffers {  // of one thread
    float* image;
    float* dy;           // a packed panel
    const float** from;  // (rows,): where each place of the kernel begins in the image
    float** to;          // (rows,)
    Segment* segments;   // (rows of a chunk,)
    float* wide;         // dy of a chunk, where it is stored narrower
  };

  std::int64_t num_chunks() const { return s_.batch * chunks_; }
  int num_threads(int most) const {
    const std::int64_t work = s_.batch * out_.height * out_.width * rows_ * s_.group_filters();
    return useful_threads(most, slices_ * row_parts_, work * s_.groups);
  }

  void take(Scratch& scratch) {
    const Window& w = s_.window;
    const std::int64_t rows = ceil_div(out_.height, chunks_), threads = num_threads(s_.threads);
    span_ = input_span(s_);
    image_floats_ = image_.buffer_floats((rows - 1) * w.strides.height + span_);
    dy_floats_ = rows * out_.width * kColumns;
    chunk_rows_ = rows;
    partial_ = scratch.take<float>(slices_ > 1 ? slices_ * size_ : 0);
    offsets_ = scratch.take<std::int64_t>(rows_);
    image_buffers_ = scratch.take<float>(threads * image_floats_);
    dy_buffers_ = scratch.take<float>(threads * dy_floats_);
    from_ = scratch.take<const float*>(threads * rows_);
    to_ = scratch.take<float*>(threads * rows_);
    segments_ = scratch.take<Segment>(threads * rows);
    wide_floats_ = std::is_same_v<T, float> ? 0 : rows * out_.width * s_.filters;
    wide_ = scratch.take<float>(threads * wide_floats_);
    scratch_bytes_ = scratch.bytes();
  }

  Buffers buffers(int thread) const {
    return {image_buffers_ + thread * image_floats_,
            dy_buffers_ + thread * dy_floats_,
            from_ + thread * rows_,
            to_ + thread * rows_,
            segments_ + thread * chunk_rows_,
            wide_ + thread * wide_floats_};
  }

  void make_offsets() {
    const std::int64_t width = s_.window.size.width;
    for (std::int64_t i = 0; i < rows_; ++i) {
      const std::int64_t tap = i / s_.group_channels(), channel = i % s_.group_channels();
      offsets_[i] = input_offset(s_, image_, tap / width, tap % width) + channel;
    }
  }

  // Rows of dw, summed over the chunks of one slice.
  void run_slice(float* dw, const float* x, const T* dy, std::int64_t slice, Range rows,
                 const Buffers& buffers) const {
    float* sums = slices_ > 1 ? partial_ + slice * size_ : dw;
    for (std::int64_t i = rows.begin; i < rows.end; ++i) buffers.to[i] = sums + i * s_.filters;
    const Range chunks = EvenParts(num_chunks(), slices_)[slice];
    for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
      run_chunk(x, dy, chunk, chunk > chunks.begin, rows, buffers);
    }
  }

  // dy of some pixels as float.
  const float* widen(const T* dy, std::int64_t pixels, const Buffers& buffers) const {
    if constexpr (std::is_same_v<T, float>) {
      return dy;
    } else {
      convert(buffers.wide, dy, pixels * s_.filters);
      return buffers.wide;
    }
  }

  void run_chunk(const float* x, const T* dy, std::int64_t chunk, bool accumulate, Range rows,
                 const Buffers& buffers) const {
    const std::int64_t sample = chunk / chunks_, stride = s_.window.strides.height;
    const Range lines = EvenParts(out_.height, chunks_)[chunk % chunks_];
    const float* image =
        image_.rows(x + sample * image_.size(),
                    {lines.begin * stride, (lines.end - 1) * stride + span_}, buffers.image);
    for (std::int64_t i = rows.begin; i < rows.end; ++i) buffers.from[i] = image + offsets_[i];
    for (std::int64_t i = 0; i < lines.size(); ++i) {
      buffers.segments[i] = {i * stride * image_.pitch(), out_.width};
    }
    dy += (sample * out_.height + lines.begin) * out_.width * s_.filters;
    const float* gradient = widen(dy, lines.size() * out_.width, buffers);
    TileArguments t{.a_step = s_.window.strides.width * s_.channels,
                    .segments = buffers.segments,
                    .num_segments = lines.size(),
                    .accumulate = accumulate};
    for (std::int64_t group = 0; group < s_.groups; ++group) {
      t.a_offset = group * s_.group_channels();
      multiply(t, gradient + group * s_.group_filters(), group, lines.size() * out_.width, rows,
               buffers);
    }
  }

  void multiply(TileArguments& t, const float* dy, std::int64_t group, std::int64_t depth,
                Range rows, const Buffers& buffers) const {
    const Panels panels(s_.group_filters());
    const EvenParts tiles(rows.size(), ceil_div(rows.size(), kRows));
    for (std::int64_t panel = 0; panel < panels.count(); ++panel) {
      const auto [columns, vectors] = panels[panel];
      const bool packed = tiles.count() > 4 || columns.size() < vectors * kLanes;
      t.b = packed ? buffers.dy : dy + columns.begin;
      t.b_step = packed ? vectors * kLanes : s_.filters;
      if (packed) {
        pack_rows(buffers.dy, t.b_step, dy + columns.begin, s_.filters, depth, columns.size());
      }
      t.columns = columns.size();
      t.c_offset = group * s_.group_filters() + columns.begin;
      for (std::int64_t i = 0; i < tiles.count(); ++i) {
        const Range part = tiles[i];
        t.a = buffers.from + rows.begin + part.begin;
        t.c = buffers.to + rows.begin + part.begin;
        tile_function(part.size(), vectors)(t);
      }
    }
  }

  void add_slices(float* dw) const {
    parallel_for(size_, kSerialWork / slices_, [&](std::int64_t begin, std::int64_t end) {
      std::copy(partial_ + begin, partial_ + end, dw + begin);
      for (std::int64_t slice = 1; slice < slices_; ++slice) {
        const float* from = partial_ + slice * size_;
        for (std::int64_t i = begin; i < end; ++i) dw[i] += from[i];
      }
    });
  }

  const ConvShape& s_;
  Image image_;
  Size2 out_;
  std::int64_t chunks_, rows_, size_;  // size: floats of dw
  std::int64_t slices_ = 1, row_parts_ = 1, span_ = 0;
  std::int64_t image_floats_ = 0, dy_floats_ = 0, chunk_rows_ = 0;  // of one thread
  std::int64_t* offsets_ = nullptr;                                 // (rows,) in the image
  float *partial_ = nullptr, *image_buffers_ = nullptr, *dy_buffers_ = nullptr;
  const float** from_ = nullptr;
  float** to_ = nullptr;
  Segment* segments_ = nullptr;
  float* wide_ = nullptr;
  std::int64_t wide_floats_ = 0;  // of one thread
  std::size_t scratch_bytes_ = 0;
};

}  // namespace

std::size_t float_bytes(const ConvShape& s) {
  return KernelGradient<float>(s, nullptr).scratch_bytes();
}
std::size_t bf16_bytes(const ConvShape& s) {
  return KernelGradient<BFloat16>(s, nullptr).scratch_bytes();
}

void run_float(float* dw, const float* x, const float* dy, const ConvShape& s, std::byte* scratch) {
  KernelGradient<float>(s, scratch).run(dw, x, dy);
}
void run_bf16(float* dw, const float* x, const BFloat16* dy, const ConvShape& s,
              std::byte* scratch) {
  KernelGradient<BFloat16>(s, scratch).run(dw, x, dy);
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(float_bytes);
HWY_EXPORT(bf16_bytes);
HWY_EXPORT(run_float);
HWY_EXPORT(run_bf16);

std::size_t conv_kernel_grad_scratch_bytes(const ConvShape& shape, DType dy) {
  if (use_winograd(shape)) return winograd_kernel_grad_scratch_bytes(shape, dy);
  return dy == bfloat16 ? HWY_DYNAMIC_DISPATCH(bf16_bytes)(shape)
                        : HWY_DYNAMIC_DISPATCH(float_bytes)(shape);
}

void conv_kernel_grad(float* dw, const float* x, const float* dy, const ConvShape& shape,
                      std::byte* scratch) {
  if (use_winograd(shape)) return winograd_kernel_grad(dw, x, dy, shape, scratch);
  HWY_DYNAMIC_DISPATCH(run_float)(dw, x, dy, shape, scratch);
}
void conv_kernel_grad(float* dw, const float* x, const BFloat16* dy, const ConvShape& shape,
                      std::byte* scratch) {
  if (use_winograd(shape)) return winograd_kernel_grad(dw, x, dy, shape, scratch);
  HWY_DYNAMIC_DISPATCH(run_bf16)(dw, x, dy, shape, scratch);
}

}  // namespace banach::cpu
#endif  // HWY_ONCE
