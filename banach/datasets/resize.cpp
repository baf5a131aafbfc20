#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/resize.hpp>
#include <banach/datasets/taps.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

namespace banach::utils {
namespace {

using detail::AxisTaps;
using detail::Taps;

// New position i of an axis, scale = old length / new length. All in float, as in TensorFlow.

Taps<float> nearest(std::int64_t i, float scale, std::int64_t length) {
  const auto old = static_cast<std::int64_t>(std::floor((static_cast<float>(i) + 0.5f) * scale));
  return {std::min(old, length - 1), {1}};
}

Taps<float> bilinear(std::int64_t i, float scale, std::int64_t length) {
  const float at = (static_cast<float>(i) + 0.5f) * scale - 0.5f, below = std::floor(at);
  const auto first = static_cast<std::int64_t>(below);
  const float share = at - below;
  if (first < 0) return {0, {1}};
  if (first + 1 >= length) return {length - 1, {1}};
  return {first, {1 - share, share}};
}

Taps<float> area(std::int64_t i, float scale, std::int64_t length) {
  const float begin = static_cast<float>(i) * scale, end = static_cast<float>(i + 1) * scale;
  Taps<float> taps{static_cast<std::int64_t>(std::floor(begin)), {}};
  const auto last = std::min(static_cast<std::int64_t>(std::ceil(end)), length);
  for (std::int64_t old = taps.begin; old < last; ++old) {
    const float covered =
        std::min(end, static_cast<float>(old + 1)) - std::max(begin, static_cast<float>(old));
    taps.weights.push_back(covered / scale);
  }
  return taps;
}

struct Method {
  std::string_view name;
  Taps<float> (*taps)(std::int64_t i, float scale, std::int64_t length);
};

constexpr Method kMethods[] = {{"nearest", nearest}, {"bilinear", bilinear}, {"area", area}};

const Method& method(const std::string& name) {
  const auto found = std::ranges::find(kMethods, name, &Method::name);
  if (found != std::end(kMethods)) return *found;
  std::vector<std::string> names;
  for (const Method& row : kMethods) names.emplace_back(row.name);
  throw InvalidArgument(fmt::format("[resize] unknown interpolation '{}'. {}Known: {}", name,
                                    did_you_mean(name, names), join(names)));
}

AxisTaps<float> axis_taps(std::int64_t from, std::int64_t to, const Method& method) {
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  AxisTaps<float> axis;
  for (std::int64_t i = 0; i < to; ++i) axis.push_back(method.taps(i, scale, from));
  return axis;
}

void check(const Array& images, ImageSize size) {
  const int rank = images.rank();
  if ((rank == 3 || rank == 4) && images.size() > 0 && size.height > 0 && size.width > 0) return;
  throw InvalidArgument(
      fmt::format("[resize] expected images (h, w, c) or (n, h, w, c) and a size (height, width), "
                  "received {} and {}",
                  images.str(), to_string(size)));
}

// Rows [top, top + height) and columns [left, left + width) of float32 (n, h, w, c).
Array crop(const Array& images, std::int64_t top, std::int64_t left, ImageSize size) {
  const std::int64_t row = images.dim(2) * images.dim(3), kept = size.width * images.dim(3);
  Array result({images.dim(0), size.height, size.width, images.dim(3)});
  float* to = result.mutable_values<float>().data();
  for (std::int64_t n = 0; n < images.dim(0); ++n) {
    const float* from = images.values<float>().data() + n * images.dim(1) * row;
    for (std::int64_t y = top; y < top + size.height; ++y, to += kept) {
      std::copy_n(from + y * row + left * images.dim(3), kept, to);
    }
  }
  return result;
}

}  // namespace

std::string to_string(ImageSize size) { return fmt::format("({}, {})", size.height, size.width); }

Array resize(const Array& images, ImageSize size, const std::string& interpolation) {
  check(images, size);
  const Method& chosen = method(interpolation);
  const Array x = images.astype(float32);
  const std::int64_t height = x.dim(-3), width = x.dim(-2), channels = x.dim(-1);
  if (size == ImageSize{height, width}) return x;
  const std::int64_t count = x.size() / (height * width * channels);
  const auto as_it_is = [](float sum) { return sum; };
  const auto wide = detail::combine(x.values<float>().data(), count * height, width, channels,
                                    axis_taps(width, size.width, chosen), 0.0f, as_it_is);
  const auto result = detail::combine(wide.data(), count, height, size.width * channels,
                                      axis_taps(height, size.height, chosen), 0.0f, as_it_is);
  return Array::from<float>(result, x.shape().with(-3, size.height).with(-2, size.width));
}

Array smart_resize(const Array& images, ImageSize size, const std::string& interpolation) {
  check(images, size);
  const std::int64_t height = images.dim(-3), width = images.dim(-2);
  const auto fitting = [](std::int64_t side, std::int64_t other, std::int64_t to, std::int64_t by) {
    const double wanted =
        static_cast<double>(other) * static_cast<double>(to) / static_cast<double>(by);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(wanted), 1, side);
  };
  const ImageSize part{fitting(height, width, size.height, size.width),
                       fitting(width, height, size.width, size.height)};
  const Array x = images.astype(float32).reshape({-1, height, width, images.dim(-1)});
  const Array cropped = crop(x, (height - part.height) / 2, (width - part.width) / 2, part);
  return resize(cropped, size, interpolation)
      .reshape(images.shape().with(-3, size.height).with(-2, size.width));
}

}  // namespace banach::utils
