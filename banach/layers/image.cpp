#include <banach/core/errors.hpp>
#include <banach/layers/image.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::layers {

void check_image(const std::string& layer, const Shape& shape) {
  if (shape.rank() == 4 && shape[3] < 0) {
    throw InvalidArgument(fmt::format("[{}] expected a known number of channels, received {}",
                                      layer, shape.with(0, kUnknown).str()));
  }
  if (shape.rank() == 4) {
    if (std::max(shape[1], shape[2]) <= kLargestImage) return;
    throw InvalidArgument(
        fmt::format("[{}] expected an image of at most {} rows and columns, received {}", layer,
                    kLargestImage, shape.with(0, kUnknown).str()));
  }
  const std::string received = shape.rank() == 0 ? shape.str() : shape.with(0, kUnknown).str();
  std::string hint;
  if (shape.rank() == 3) {
    hint = fmt::format(" Add a channel axis: reshape to (batch, {}, {}, 1).",
                       shape[1] < 0 ? "height" : std::to_string(shape[1]),
                       shape[2] < 0 ? "width" : std::to_string(shape[2]));
  }
  throw InvalidArgument(
      fmt::format("[{}] expected an image (batch, height, width, channels), received {}.{}", layer,
                  received, hint));
}

void check_positive(const std::string& layer, const std::string& option, const Size2& value) {
  if (std::min(value.height, value.width) < 1) {
    throw InvalidArgument(
        fmt::format("[{}] {} must be at least 1, received {}", layer, option, value.str()));
  }
  check_largest(layer, option, value);
}

void check_largest(const std::string& layer, const std::string& option, const Size2& value) {
  if (std::max(value.height, value.width) <= kLargestWindow) return;
  throw InvalidArgument(fmt::format("[{}] {} must be at most {}, received {}", layer, option,
                                    kLargestWindow, value.str()));
}

void check_padding(const std::string& layer, const std::string& padding) {
  if (padding == "valid" || padding == "same") return;
  throw InvalidArgument(
      fmt::format("[{}] padding must be \"valid\" or \"same\", received \"{}\"", layer, padding));
}

}  // namespace banach::layers
