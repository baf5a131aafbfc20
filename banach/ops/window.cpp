#include <banach/core/errors.hpp>
#include <banach/graph/tensor.hpp>
#include <banach/ops/window.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

constexpr std::int64_t kFarthest = 4096;  // beyond twice the image, where all is padding

std::int64_t extent(std::int64_t size, std::int64_t dilation) { return (size - 1) * dilation + 1; }

std::int64_t output_dim(std::int64_t input, std::int64_t padding, std::int64_t size,
                        std::int64_t stride, std::int64_t dilation) {
  const std::int64_t room = input + padding - extent(size, dilation);
  return room < 0 ? 0 : room / stride + 1;
}

std::int64_t same_padding(std::int64_t input, std::int64_t size, std::int64_t stride,
                          std::int64_t dilation) {
  const std::int64_t output = (input + stride - 1) / stride;
  return std::max<std::int64_t>(0, (output - 1) * stride + extent(size, dilation) - input);
}

void check_sizes(const char* what, const Size2& value, std::int64_t least, std::int64_t most) {
  const auto [smaller, larger] = std::minmax(value.height, value.width);
  if (smaller >= least && larger <= most) return;
  throw InvalidArgument(fmt::format("{}expected {} of {} to {}, received {}", NameScope::tag(),
                                    what, least, most, value.str()));
}

void check_reach(std::int64_t input, std::int64_t size, std::int64_t dilation) {
  if (extent(size, dilation) <= 2 * input + kFarthest) return;
  throw InvalidArgument(fmt::format(
      "{}expected a window that reaches at most {} pixels beyond twice the image of {}, received a "
      "size of {} with dilation {}",
      NameScope::tag(), kFarthest, input, size, dilation));
}

}  // namespace

std::string Size2::str() const { return fmt::format("({}, {})", height, width); }

Json to_json(const Size2& size) { return Json::list({size.height, size.width}); }

void from_json(const Json& json, Size2& size) {
  if (!json.is_list()) {
    size = json.as_int();
    return;
  }
  const Json::List& list = json.as_list();
  if (list.size() != 2) {
    throw InvalidArgument(fmt::format("expected 2 integers, received {}", list.size()));
  }
  size = {list[0].as_int(), list[1].as_int()};
}

Size2 Window::output(const Size2& input) const {
  return {output_dim(input.height, before.height + after.height, size.height, strides.height,
                     dilation.height),
          output_dim(input.width, before.width + after.width, size.width, strides.width,
                     dilation.width)};
}

std::string Window::str() const {
  std::string text = fmt::format("{}x{}", size.height, size.width);
  if (strides != Size2(1)) text += fmt::format("/{}x{}", strides.height, strides.width);
  if (dilation != Size2(1)) text += fmt::format(" dilated {}x{}", dilation.height, dilation.width);
  if (before != Size2(0) || after != Size2(0)) {
    text +=
        fmt::format(" padded {}-{}x{}-{}", before.height, after.height, before.width, after.width);
  }
  return text;
}

Window make_window(const Size2& input, const Size2& size, const Size2& strides,
                   const Size2& dilation, const std::string& padding) {
  check_sizes("an image", input, 0, kLargestImage);
  check_sizes("a window", size, 1, kLargestWindow);
  check_sizes("strides", strides, 1, kLargestWindow);
  check_sizes("a dilation", dilation, 1, kLargestWindow);
  Window window{size, strides, dilation, 0, 0};
  if (padding == "same") {
    check_reach(input.height, size.height, dilation.height);
    check_reach(input.width, size.width, dilation.width);
    const Size2 total{same_padding(input.height, size.height, strides.height, dilation.height),
                      same_padding(input.width, size.width, strides.width, dilation.width)};
    window.before = {total.height / 2, total.width / 2};
    window.after = {total.height - window.before.height, total.width - window.before.width};
  } else if (padding != "valid") {
    throw InvalidArgument(fmt::format("{}padding must be \"valid\" or \"same\", received \"{}\"",
                                      NameScope::tag(), padding));
  }
  const Size2 output = window.output(input);
  if (output.height < 1 || output.width < 1) {
    throw InvalidArgument(fmt::format(
        "{}the output would be empty: an image of {} is smaller than the window {} (strides {}, "
        "dilation {}, padding={}). Use padding=\"same\", a smaller window or a larger image.",
        NameScope::tag(), input.str(), size.str(), strides.str(), dilation.str(), padding));
  }
  return window;
}

}  // namespace banach
