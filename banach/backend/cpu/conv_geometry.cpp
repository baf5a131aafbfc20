#include <banach/backend/cpu/conv_geometry.hpp>

#include <algorithm>

namespace banach::cpu {
namespace {

constexpr std::int64_t kChunkPixels = 208;
constexpr std::int64_t kSliceFloats = 1 << 22;  // of all partial sums

// One axis of a window. The pixel `phase` of dx meets place `tap` of the kernel in the pixel
// (phase + before - tap * dilation) / stride of dy, if that is a whole number.
struct Axis {
  std::int64_t size, stride, dilation, before;

  std::int64_t distance(std::int64_t phase, std::int64_t tap) const {
    return phase + before - tap * dilation;
  }
  std::int64_t shift(std::int64_t phase, std::int64_t tap) const {
    const std::int64_t d = distance(phase, tap);
    return d >= 0 ? d / stride : -ceil_div(-d, stride);
  }
  bool meets(std::int64_t phase, std::int64_t tap) const {
    return distance(phase, tap) % stride == 0;
  }
  std::int64_t extent() const { return (size - 1) * dilation + 1; }
  std::int64_t full_input(std::int64_t output) const { return (output - 1) * stride + extent(); }
  std::int64_t zeros_before() const { return std::max<std::int64_t>(0, -shift(0, size - 1)); }
  std::int64_t gradient_extent() const { return zeros_before() + shift(stride - 1, 0) + 1; }
  std::int64_t full_gradient(std::int64_t input) const {
    return ceil_div(input, stride) - 1 + gradient_extent();
  }
};

Axis vertical(const ConvShape& s) {
  const Window& w = s.window;
  return {w.size.height, w.strides.height, w.dilation.height, w.before.height};
}

Axis horizontal(const ConvShape& s) {
  const Window& w = s.window;
  return {w.size.width, w.strides.width, w.dilation.width, w.before.width};
}

void copy_row(float* to, const float* sample, std::int64_t row, const Image& image) {
  if (row < 0 || row >= image.height) {
    std::fill_n(to, image.pitch(), 0.0F);
    return;
  }
  const std::int64_t left = std::min(image.left, image.full_width);
  const std::int64_t copied = std::min(image.full_width - left, image.width);
  to = std::fill_n(to, left * image.channels, 0.0F);
  to = std::copy_n(sample + row * image.width * image.channels, copied * image.channels, to);
  std::fill_n(to, (image.full_width - left - copied) * image.channels, 0.0F);
}

}  // namespace

const float* Image::rows(const float* sample, Range full_rows, float* buffer) const {
  if (!is_padded()) return sample + full_rows.begin * pitch();
  float* to = buffer;
  for (std::int64_t row = full_rows.begin; row < full_rows.end; ++row, to += pitch()) {
    copy_row(to, sample, row - top, *this);
  }
  return buffer;
}

Image input_image(const ConvShape& s) {
  const Size2 out = s.output();
  const Axis y = vertical(s), x = horizontal(s);
  return {s.height,
          s.width,
          s.channels,
          y.before,
          x.before,
          y.full_input(out.height),
          x.full_input(out.width)};
}

Image gradient_image(const ConvShape& s) {
  const Size2 out = s.output();
  const Axis y = vertical(s), x = horizontal(s);
  return {out.height,
          out.width,
          s.filters,
          y.zeros_before(),
          x.zeros_before(),
          y.full_gradient(s.height),
          x.full_gradient(s.width)};
}

std::int64_t input_span(const ConvShape& s) { return vertical(s).extent(); }
std::int64_t gradient_span(const ConvShape& s) { return vertical(s).gradient_extent(); }

std::int64_t input_offset(const ConvShape& s, const Image& image, std::int64_t row,
                          std::int64_t column) {
  return row * s.window.dilation.height * image.pitch() +
         column * s.window.dilation.width * image.channels;
}

std::optional<std::int64_t> gradient_offset(const ConvShape& s, const Image& image,
                                            const Size2& phase, std::int64_t row,
                                            std::int64_t column) {
  const Axis y = vertical(s), x = horizontal(s);
  if (!y.meets(phase.height, row) || !x.meets(phase.width, column)) return std::nullopt;
  return (image.top + y.shift(phase.height, row)) * image.pitch() +
         (image.left + x.shift(phase.width, column)) * image.channels;
}

std::int64_t chunks_of_rows(const Size2& grid) {
  return ceil_div(grid.height, std::max<std::int64_t>(1, kChunkPixels / grid.width));
}

std::int64_t gradient_slices(std::int64_t floats, std::int64_t paying, std::int64_t items) {
  const std::int64_t most = std::clamp<std::int64_t>(items, 1, kMaxSlices);
  return std::clamp<std::int64_t>(std::min(kSliceFloats / floats, paying), 1, most);
}

int useful_threads(int most, std::int64_t items, std::int64_t work) {
  const std::int64_t threads = std::min<std::int64_t>({most, items, work / kSerialWork + 1});
  return static_cast<int>(std::max<std::int64_t>(1, threads));
}

}  // namespace banach::cpu
