#pragma once

#include <banach/core/json.hpp>
#include <banach/core/shape.hpp>

#include <cstdint>
#include <string>

namespace banach {

/// A height and a width: `{3, 3}`, or one number for both.
struct Size2 {
  std::int64_t height = 1, width = 1;

  Size2() = default;
  Size2(std::int64_t both) : height(both), width(both) {}
  Size2(int both) : Size2(std::int64_t{both}) {}
  Size2(std::int64_t height, std::int64_t width) : height(height), width(width) {}
  bool operator==(const Size2&) const = default;
  std::string str() const;  ///< "(3, 3)"
};

Json to_json(const Size2& size);                ///< [height, width]
void from_json(const Json& json, Size2& size);  ///< also one number for both

/// The most that a number of a window, an up-sampling or a padding may be, and the most rows and
/// columns of an image: what they make of each other can be counted in 63 bits.
inline constexpr std::int64_t kLargestWindow = 1 << 24;
inline constexpr std::int64_t kLargestImage = std::int64_t{1} << 31;

/// How a kernel slides over an image: size, strides, dilation and the padding before and after.
struct Window {
  Size2 size, strides, dilation;
  Size2 before, after;

  Size2 output(const Size2& input) const;
  std::string str() const;
};

/// Keras' window on an image of `input` size: padding "valid" (none) or "same" (output size is
/// ceil(input / stride), the odd pixel of padding comes after). InvalidArgument for other names,
/// when the output would be empty, and for a window that lies almost wholly in the padding, whose
/// zeros would fill the memory.
Window make_window(const Size2& input, const Size2& size, const Size2& strides,
                   const Size2& dilation, const std::string& padding);

}  // namespace banach
