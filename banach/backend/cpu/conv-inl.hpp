// What the three convolutions share: the rows of an image with the zeros around it.
#if defined(BANACH_CONV_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_CONV_INL_HPP_
#undef BANACH_CONV_INL_HPP_
#else
#define BANACH_CONV_INL_HPP_
#endif

#include <banach/backend/cpu/conv.hpp>
#include <banach/backend/cpu/gemm_tile-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

/// Pixels that are computed at a time, so that the rows they read stay in the L1 and L2 caches.
inline constexpr std::int64_t kChunkPixels = 208;
/// Steps of the sum in one pass over the result.
inline constexpr std::int64_t kConvDepth = 320;

/// One sample and the zeros that windows see around it.
struct Image {
  std::int64_t height = 0, width = 0, channels = 0;
  std::int64_t top = 0, left = 0, full_height = 0, full_width = 0;

  bool is_padded() const {
    return top > 0 || left > 0 || full_height > height || full_width > width;
  }
  std::int64_t pitch() const { return (is_padded() ? full_width : width) * channels; }
  std::int64_t size() const { return height * width * channels; }
  /// Floats of buffer that `rows` take.
  std::int64_t buffer_floats(std::int64_t rows) const {
    return is_padded() ? rows * full_width * channels : 0;
  }

  /// Where the full rows [begin, end) of a sample lie: in place, or copied to the buffer.
  const float* rows(const float* sample, Range full_rows, float* buffer) const {
    if (!is_padded()) return sample + full_rows.begin * width * channels;
    float* to = buffer;
    for (std::int64_t row = full_rows.begin; row < full_rows.end; ++row, to += pitch()) {
      copy_row(to, sample, row - top);
    }
    return buffer;
  }

 private:
  void copy_row(float* to, const float* sample, std::int64_t row) const {
    if (row < 0 || row >= height) {
      std::fill(to, to + pitch(), 0.0F);
      return;
    }
    const float* from = sample + row * width * channels;
    const std::int64_t copied = std::clamp<std::int64_t>(full_width - left, 0, width);
    to = std::fill_n(to, std::min(left, full_width) * channels, 0.0F);
    to = std::copy_n(from, copied * channels, to);
    std::fill_n(to, std::max<std::int64_t>(0, full_width - left - copied) * channels, 0.0F);
  }
};

/// x as the windows of the forward pass and of the kernel gradient see it.
inline Image input_image(const ConvShape& s) {
  const Window& w = s.window;
  const Size2 out = s.output();
  const auto full = [](std::int64_t output, std::int64_t stride, std::int64_t size,
                       std::int64_t dilation) { return (output - 1) * stride + (size - 1) * dilation + 1; };
  return {s.height, s.width, s.channels, w.before.height, w.before.width,
          full(out.height, w.strides.height, w.size.height, w.dilation.height),
          full(out.width, w.strides.width, w.size.width, w.dilation.width)};
}

/// Rows of a grid that make up a chunk of about kChunkPixels.
inline std::int64_t chunks_of_rows(std::int64_t rows, std::int64_t columns) {
  const std::int64_t chunk = std::max<std::int64_t>(1, kChunkPixels / columns);
  return ceil_div(rows, chunk);
}

/// Threads that `work` multiplications in `items` are worth.
inline std::int64_t useful_parts(int threads, std::int64_t items, std::int64_t work) {
  const std::int64_t parts = std::min<std::int64_t>({threads, items, work / kSerialWork + 1});
  return std::max<std::int64_t>(1, parts);
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
