#pragma once

#include <banach/backend/cpu/conv.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>

#include <optional>

namespace banach::cpu {

/// Steps of the sum in one pass over the result of a convolution.
inline constexpr std::int64_t kConvDepth = 320;

/// Most partial sums of a kernel's gradient.
inline constexpr std::int64_t kMaxSlices = 16;

/// One sample and the zeros that windows see around it.
struct Image {
  std::int64_t height = 0, width = 0, channels = 0;
  std::int64_t top = 0, left = 0, full_height = 0, full_width = 0;

  bool is_padded() const {
    return top > 0 || left > 0 || full_height > height || full_width > width;
  }
  /// Floats from one row to the next.
  std::int64_t pitch() const { return (is_padded() ? full_width : width) * channels; }
  std::int64_t size() const { return height * width * channels; }
  /// Floats of buffer that `count` rows take.
  std::int64_t buffer_floats(std::int64_t count) const { return is_padded() ? count * pitch() : 0; }
  /// Where the full rows [begin, end) of a sample lie: in place, or copied to the buffer.
  const float* rows(const float* sample, Range full_rows, float* buffer) const;
};

/// x as the windows of the forward pass and of the kernel gradient see it.
Image input_image(const ConvShape& shape);
/// dy as the pixels of dx see it.
Image gradient_image(const ConvShape& shape);
/// Rows of an image that a row of y, or every stride-th row of dx, depends on.
std::int64_t input_span(const ConvShape& shape);
std::int64_t gradient_span(const ConvShape& shape);

/// Where a window at the origin finds the values that place (row, column) of the kernel weighs:
/// the offset in input_image; for the pixel of dx at `phase`, or those any strides further, the
/// offset in gradient_image, if that place reaches them at all.
std::int64_t input_offset(const ConvShape& shape, const Image& image, std::int64_t row,
                          std::int64_t column);
std::optional<std::int64_t> gradient_offset(const ConvShape& shape, const Image& image,
                                            const Size2& phase, std::int64_t row,
                                            std::int64_t column);

/// How many chunks the rows of a grid make up, each so few pixels that what they read stays cached.
std::int64_t chunks_of_rows(const Size2& grid);
/// Partial sums that a kernel's gradient of so many floats is added up from, in order, whatever the
/// number of threads: no more than pay, than there are items to sum, or than memory should hold.
std::int64_t gradient_slices(std::int64_t floats, std::int64_t paying, std::int64_t items);
/// Threads that `work` multiplications in `items` are worth, at most so many.
int useful_threads(int most, std::int64_t items, std::int64_t work);

}  // namespace banach::cpu
