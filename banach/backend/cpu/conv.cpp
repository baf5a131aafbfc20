#include <banach/backend/cpu/conv.hpp>
#include <banach/backend/cpu/conv_geometry.hpp>
#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/winograd.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/conv.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/gemm_tile-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

/// A place of the kernel, and where a pixel finds the values it weighs.
struct Tap {
  std::int64_t kernel_index, offset;
};

/// The pixels of the result that the same taps reach: all, or every s-th of an input gradient.
struct Phase {
  Size2 first;  // pixel
  Range taps, segments;
  std::int64_t depth = 0, weights = 0;  // steps of the sum; offset of the packed weights
};

/// The forward pass, or the input gradient, as one sliding sum over an image: every pixel of a
/// grid adds up segments of the image times packed weights. T is what the result is stored as.
template <class T>
class Sliding {
 public:
  Sliding(const ConvShape& s, bool gradient, std::byte* memory)
      : s_(s), gradient_(gradient), groups_(s.groups) {
    const Size2 out = s.output(), step = s.window.strides;
    if (gradient) {
      inputs_ = s.group_filters();
      outputs_ = s.group_channels();
      result_ = {s.height, s.width};
      result_step_ = step;
      image_ = gradient_image(s);
    } else {
      inputs_ = s.group_channels();
      outputs_ = s.group_filters();
      result_ = out;
      image_step_ = step;
      image_ = input_image(s);
    }
    grid_ = {ceil_div(result_.height, result_step_.height),
             ceil_div(result_.width, result_step_.width)};
    chunks_ = chunks_of_rows(grid_);
    Scratch scratch(memory);
    take(scratch);
    if (memory != nullptr) make_phases();
  }

  std::size_t scratch_bytes() const { return scratch_bytes_; }

  void run(T* out, const float* in, const float* w, const EpilogueArguments& epilogue) const {
    parallel_for(groups_ * Panels(outputs_).count(), kPanelGrain / (inputs_ * s_.taps()) + 1,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t i = begin; i < end; ++i) pack_panel(w, i);
                 });
    parallel_shares(num_items(), 1, num_threads(s_.threads), [&](Share& share) {
      const Buffers mine = buffers(share.thread());
      share.for_each([&](std::int64_t i) { run_item(out, in, i, epilogue, mine); });
    });
  }

 private:
  static constexpr std::int64_t kPanelGrain = 4096;
  static constexpr bool kNarrow = !std::is_same_v<T, float>;

  struct Buffers {  // of one thread
    float* image;
    const float** from;  // (pixels of a chunk,): where the image begins for each
    float** to;          // (pixels of a chunk,)
    float* sums;         // of a chunk whose result is narrower than its sums
  };

  std::int64_t num_items() const { return s_.batch * chunks_; }
  int num_threads(int most) const {
    const std::int64_t work = s_.batch * grid_.height * grid_.width * groups_;
    return useful_threads(most, num_items(), work * inputs_ * outputs_ * s_.taps());
  }
  std::int64_t num_phases() const { return result_step_.height * result_step_.width; }
  Range chunk_rows(std::int64_t item) const {
    return EvenParts(grid_.height, chunks_)[item % chunks_];
  }
  Range image_rows(Range rows) const {
    return {rows.begin * image_step_.height, (rows.end - 1) * image_step_.height + span_};
  }

  void take(Scratch& scratch) {
    span_ = gradient_ ? gradient_span(s_) : input_span(s_);
    phases_ = scratch.take<Phase>(num_phases());
    taps_ = scratch.take<Tap>(s_.taps());
    segments_ = scratch.take<Segment>(s_.taps() * (inputs_ / kConvDepth + 1));
    weights_ = scratch.take<float>(groups_ * packed_columns() * s_.taps() * inputs_);
    const std::int64_t rows = ceil_div(grid_.height, chunks_);
    const std::int64_t threads = num_threads(s_.threads);
    buffer_floats_ = image_.buffer_floats((rows - 1) * image_step_.height + span_);
    buffer_pixels_ = rows * grid_.width;
    image_buffers_ = scratch.take<float>(threads * buffer_floats_);
    from_ = scratch.take<const float*>(threads * buffer_pixels_);
    to_ = scratch.take<float*>(threads * buffer_pixels_);
    sums_floats_ = kNarrow ? buffer_pixels_ * outputs_ * groups_ : 0;
    sums_ = scratch.take<float>(threads * sums_floats_);
    scratch_bytes_ = scratch.bytes();
  }

  Buffers buffers(int thread) const {
    return {image_buffers_ + thread * buffer_floats_, from_ + thread * buffer_pixels_,
            to_ + thread * buffer_pixels_, sums_ + thread * sums_floats_};
  }

  std::int64_t packed_columns() const { return ceil_div(outputs_, kLanes) * kLanes; }

  void make_phases() {
    std::int64_t taps = 0, segments = 0, weights = 0;
    for (std::int64_t i = 0; i < num_phases(); ++i) {
      Phase& phase = phases_[i] = {};
      phase.first = {i / result_step_.width, i % result_step_.width};
      phase.taps = {taps, add_taps(phase, taps)};
      phase.segments = {segments, add_segments(phase, segments)};
      taps = phase.taps.end;
      segments = phase.segments.end;
      phase.depth = phase.taps.size() * inputs_;
      phase.weights = weights;
      weights += phase.depth * packed_columns() * groups_;
    }
  }

  std::int64_t add_taps(const Phase& phase, std::int64_t at) const {
    for (std::int64_t i = 0; i < s_.taps(); ++i) {
      // backwards in a gradient: that is forwards in dy
      const std::int64_t index = gradient_ ? s_.taps() - 1 - i : i;
      const std::int64_t row = index / s_.window.size.width, column = index % s_.window.size.width;
      const auto offset = gradient_ ? gradient_offset(s_, image_, phase.first, row, column)
                                    : input_offset(s_, image_, row, column);
      if (offset) taps_[at++] = {index, *offset};
    }
    return at;
  }

  // Taps that follow each other in memory become one segment, up to kConvDepth steps.
  std::int64_t add_segments(const Phase& phase, std::int64_t at) const {
    const std::int64_t first = at;
    for (std::int64_t i = phase.taps.begin; i < phase.taps.end; ++i) {
      for (std::int64_t done = 0; done < inputs_;) {
        const std::int64_t length = std::min(inputs_ - done, kConvDepth);
        const std::int64_t offset = taps_[i].offset + done;
        if (at > first && segments_[at - 1].offset + segments_[at - 1].length == offset &&
            segments_[at - 1].length + length <= kConvDepth) {
          segments_[at - 1].length += length;
        } else {
          segments_[at++] = {offset, length};
        }
        done += length;
      }
    }
    return at;
  }

  const float* packed(const Phase& phase, std::int64_t group, std::int64_t column) const {
    return weights_ + phase.weights + (group * packed_columns() + column) * phase.depth;
  }

  void pack_panel(const float* w, std::int64_t index) const {
    const Panels panels(outputs_);
    const std::int64_t group = index / panels.count();
    const auto [columns, vectors] = panels[index % panels.count()];
    const std::int64_t width = vectors * kLanes;
    for (const Phase* phase = phases_; phase != phases_ + num_phases(); ++phase) {
      float* to = const_cast<float*>(packed(*phase, group, columns.begin));
      for (std::int64_t i = phase->taps.begin; i < phase->taps.end; ++i, to += inputs_ * width) {
        const float* tap = w + taps_[i].kernel_index * s_.group_channels() * s_.filters +
                           group * s_.group_filters();
        if (gradient_) {
          pack_columns(to, width, tap + columns.begin * s_.filters, s_.filters, inputs_,
                       columns.size());
        } else {
          pack_rows(to, width, tap + columns.begin, s_.filters, inputs_, columns.size());
        }
      }
    }
  }

  void run_item(T* out, const float* in, std::int64_t item, const EpilogueArguments& epilogue,
                const Buffers& buffers) const {
    if constexpr (kNarrow) {
      const Range pixels = chunk_pixels(item);
      const std::int64_t channels = outputs_ * groups_;
      float* first = buffers.sums - pixels.begin * channels;  // as if all pixels lay there
      run_chunk(first, in, item, buffers);
      if (!is_empty(epilogue)) finish_chunk(first, item, epilogue);
      convert(out + pixels.begin * channels, buffers.sums, pixels.size() * channels);
    } else {
      run_chunk(out, in, item, buffers);
      if (!is_empty(epilogue)) finish_chunk(out, item, epilogue);
    }
  }

  // The rows of the result, seen as a matrix of pixels and channels, that a forward pass makes.
  Range chunk_pixels(std::int64_t item) const {
    const Range rows = chunk_rows(item);
    const std::int64_t first = item / chunks_ * result_.height;
    return {(first + rows.begin) * result_.width, (first + rows.end) * result_.width};
  }

  void run_chunk(float* out, const float* in, std::int64_t item, const Buffers& buffers) const {
    const Range rows = chunk_rows(item);
    const std::int64_t sample = item / chunks_;
    const float* image = image_.rows(in + sample * image_.size(), image_rows(rows), buffers.image);
    out += sample * result_.height * result_.width * outputs_ * groups_;
    for (const Phase* phase = phases_; phase != phases_ + num_phases(); ++phase) {
      const std::int64_t pixels = point(out, image, *phase, rows, buffers);
      for (std::int64_t group = 0; group < groups_ && pixels > 0; ++group) {
        sum_segments(*phase, group, pixels, buffers);
      }
    }
  }

  // Where the pixels of a phase begin in the image and lie in the result; how many they are.
  std::int64_t point(float* out, const float* image, const Phase& phase, Range rows,
                     const Buffers& buffers) const {
    std::int64_t pixels = 0;
    for (std::int64_t i = rows.begin; i < rows.end; ++i) {
      const std::int64_t y = i * result_step_.height + phase.first.height;
      if (y >= result_.height) break;
      const float* from = image + (i - rows.begin) * image_step_.height * image_.pitch();
      float* to = out + y * result_.width * outputs_ * groups_;
      for (std::int64_t x = phase.first.width; x < result_.width; x += result_step_.width) {
        buffers.from[pixels] = from;
        buffers.to[pixels++] = to + x * outputs_ * groups_;
        from += image_step_.width * image_.channels;
      }
    }
    return pixels;
  }

  void sum_segments(const Phase& phase, std::int64_t group, std::int64_t pixels,
                    const Buffers& buffers) const {
    std::int64_t done = 0, at = phase.segments.begin;
    do {
      std::int64_t depth = 0;
      const std::int64_t first = at;
      while (at < phase.segments.end && depth + segments_[at].length <= kConvDepth) {
        depth += segments_[at++].length;
      }
      TileArguments t{.a_offset = group * inputs_,
                      .segments = segments_ + first,
                      .num_segments = at - first,
                      .accumulate = done > 0};
      multiply(t, phase, group, done, pixels, buffers);
      done += depth;
    } while (at < phase.segments.end);
  }

  void multiply(TileArguments& t, const Phase& phase, std::int64_t group, std::int64_t done,
                std::int64_t pixels, const Buffers& buffers) const {
    const Panels panels(outputs_);
    const EvenParts tiles(pixels, ceil_div(pixels, kRows));
    for (std::int64_t panel = 0; panel < panels.count(); ++panel) {
      const auto [columns, vectors] = panels[panel];
      t.b_step = vectors * kLanes;
      t.b = packed(phase, group, columns.begin) + done * t.b_step;
      t.columns = columns.size();
      t.c_offset = group * outputs_ + columns.begin;
      for (std::int64_t i = 0; i < tiles.count(); ++i) {
        const Range part = tiles[i];
        t.a = buffers.from + part.begin;
        t.c = buffers.to + part.begin;
        tile_function(part.size(), vectors)(t);
      }
    }
  }

  void finish_chunk(float* out, std::int64_t item, const EpilogueArguments& epilogue) const {
    const Range pixels = chunk_pixels(item);
    apply_epilogue(out, outputs_ * groups_, pixels.begin, pixels.end, 0, outputs_ * groups_,
                   epilogue);
  }

  const ConvShape& s_;
  bool gradient_;
  std::int64_t groups_, inputs_ = 0, outputs_ = 0;  // channels of a group: summed, resulting
  Size2 result_, result_step_, image_step_, grid_;
  Image image_;
  std::int64_t chunks_ = 0, span_ = 0;  // span: rows of the image that a row of the grid reads
  Phase* phases_ = nullptr;
  Tap* taps_ = nullptr;
  Segment* segments_ = nullptr;
  float *weights_ = nullptr, *image_buffers_ = nullptr;
  std::int64_t buffer_floats_ = 0, buffer_pixels_ = 0;  // of one thread
  const float** from_ = nullptr;
  float** to_ = nullptr;
  float* sums_ = nullptr;
  std::int64_t sums_floats_ = 0;  // of one thread
  std::size_t scratch_bytes_ = 0;
};

}  // namespace

template <class T>
std::size_t sliding_bytes(const ConvShape& s, bool gradient) {
  return Sliding<T>(s, gradient, nullptr).scratch_bytes();
}
std::size_t float_bytes(const ConvShape& s, bool gradient) {
  return sliding_bytes<float>(s, gradient);
}
std::size_t bf16_bytes(const ConvShape& s, bool gradient) {
  return sliding_bytes<BFloat16>(s, gradient);
}

void run_float(float* out, const float* in, const float* w, const ConvShape& s, bool gradient,
               const EpilogueArguments& epilogue, std::byte* scratch) {
  Sliding<float>(s, gradient, scratch).run(out, in, w, epilogue);
}
void run_bf16(BFloat16* out, const float* in, const float* w, const ConvShape& s,
              const EpilogueArguments& epilogue, std::byte* scratch) {
  Sliding<BFloat16>(s, false, scratch).run(out, in, w, epilogue);
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

std::string conv_implementation(const ConvShape& shape) {
  return use_winograd(shape) ? "winograd:" + simd_target_name() : gemm_implementation();
}

std::size_t conv_forward_scratch_bytes(const ConvShape& shape, DType y) {
  if (use_winograd(shape)) return winograd_forward_scratch_bytes(shape, y);
  return y == bfloat16 ? HWY_DYNAMIC_DISPATCH(bf16_bytes)(shape, false)
                       : HWY_DYNAMIC_DISPATCH(float_bytes)(shape, false);
}

std::size_t conv_input_grad_scratch_bytes(const ConvShape& shape) {
  if (use_winograd(shape)) return winograd_input_grad_scratch_bytes(shape);
  return HWY_DYNAMIC_DISPATCH(float_bytes)(shape, true);
}

void conv_forward(float* y, const float* x, const float* w, const ConvShape& shape,
                  const EpilogueArguments& epilogue, std::byte* scratch) {
  if (use_winograd(shape)) return winograd_forward(y, x, w, shape, epilogue, scratch);
  HWY_DYNAMIC_DISPATCH(run_float)(y, x, w, shape, false, epilogue, scratch);
}
void conv_forward(BFloat16* y, const float* x, const float* w, const ConvShape& shape,
                  const EpilogueArguments& epilogue, std::byte* scratch) {
  if (use_winograd(shape)) return winograd_forward(y, x, w, shape, epilogue, scratch);
  HWY_DYNAMIC_DISPATCH(run_bf16)(y, x, w, shape, epilogue, scratch);
}

void conv_input_grad(float* dx, const float* dy, const float* w, const ConvShape& shape,
                     std::byte* scratch) {
  if (use_winograd(shape)) return winograd_input_grad(dx, dy, w, shape, scratch);
  HWY_DYNAMIC_DISPATCH(run_float)(dx, dy, w, shape, true, {}, scratch);
}

}  // namespace banach::cpu
#endif  // HWY_ONCE
