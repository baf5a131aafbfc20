#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/resample.hpp>
#include <banach/datasets/taps.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace banach::utils {
namespace {

using detail::AxisTaps;
using detail::Taps;

constexpr int kPrecision = 22;  // bits of a weight behind the point
constexpr int kAlpha = 3;

double box(double x) { return x > -0.5 && x <= 0.5 ? 1 : 0; }

double bilinear(double x) { return std::max(1 - std::abs(x), 0.0); }

double hamming(double x) {
  x = std::abs(x);
  if (x == 0) return 1;
  if (x >= 1) return 0;
  x *= std::numbers::pi;
  return std::sin(x) / x * (0.54 + 0.46 * std::cos(x));
}

double bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0;
}

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0; }

struct Filter {
  std::string_view name;
  double (*weight)(double distance);  // null: the nearest pixel
  double support;
};

constexpr Filter kFilters[] = {{"nearest", nullptr, 0},   {"box", box, 0.5},
                               {"bilinear", bilinear, 1}, {"hamming", hamming, 1},
                               {"bicubic", bicubic, 2},   {"lanczos", lanczos, 3}};

const Filter& filter(const std::string& name) {
  const auto found = std::ranges::find(kFilters, name, &Filter::name);
  if (found != std::end(kFilters)) return *found;
  std::vector<std::string> names;
  for (const Filter& row : kFilters) names.emplace_back(row.name);
  throw InvalidArgument(fmt::format("[load_img] unknown interpolation '{}'. {}Known: {}", name,
                                    did_you_mean(name, names), join(names)));
}

// The part [begin, begin + part) of an axis of `length` pixels, to be spread over `size`.
struct Axis {
  std::int64_t length, begin, part, size;
  double scale() const { return static_cast<double>(part) / static_cast<double>(size); }
  bool unchanged() const { return part == length && size == length; }
};

AxisTaps<std::int32_t> nearest_taps(const Axis& axis) {
  AxisTaps<std::int32_t> result;
  double at = static_cast<double>(axis.begin) + axis.scale() * 0.5;
  for (std::int64_t i = 0; i < axis.size; ++i, at += axis.scale()) {
    result.push_back({std::min(static_cast<std::int64_t>(at), axis.length - 1), {1 << kPrecision}});
  }
  return result;
}

std::int32_t fixed_point(double weight) {
  return static_cast<std::int32_t>(std::copysign(0.5, weight) + weight * (1 << kPrecision));
}

Taps<std::int32_t> taps_around(double center, double support, double filter_scale, const Axis& axis,
                               const Filter& filter) {
  const auto begin = std::max(static_cast<std::int64_t>(center - support + 0.5), std::int64_t{0});
  const auto end = std::min(static_cast<std::int64_t>(center + support + 0.5), axis.length);
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t old = begin; old < end; ++old) {
    weights.push_back(
        filter.weight((static_cast<double>(old) - center + 0.5) * (1 / filter_scale)));
    sum += weights.back();
  }
  Taps<std::int32_t> taps{begin, {}};
  for (double weight : weights)
    taps.weights.push_back(fixed_point(sum == 0 ? weight : weight / sum));
  return taps;
}

AxisTaps<std::int32_t> axis_taps(const Axis& axis, const Filter& filter) {
  if (filter.weight == nullptr) return nearest_taps(axis);
  const double filter_scale = std::max(axis.scale(), 1.0), support = filter.support * filter_scale;
  AxisTaps<std::int32_t> result;
  for (std::int64_t i = 0; i < axis.size; ++i) {
    const double center =
        static_cast<double>(axis.begin) + (static_cast<double>(i) + 0.5) * axis.scale();
    result.push_back(taps_around(center, support, filter_scale, axis, filter));
  }
  return result;
}

using Pixels = std::vector<std::uint8_t>;

Pixels resample_axis(const Pixels& from, std::int64_t outer, const Axis& axis, std::int64_t inner,
                     const Filter& filter) {
  if (axis.unchanged()) return from;
  constexpr std::int32_t kHalf = 1 << (kPrecision - 1);
  return detail::combine(from.data(), outer, axis.length, inner, axis_taps(axis, filter), kHalf,
                         [](std::int32_t sum) {
                           return static_cast<std::uint8_t>(std::clamp(sum >> kPrecision, 0, 255));
                         });
}

// Calls f(color, alpha) for the three colours of each pixel.
template <class F>
void with_alpha(Pixels& pixels, F f) {
  for (std::size_t i = 0; i < pixels.size(); i += kAlpha + 1) {
    for (std::size_t c = 0; c < kAlpha; ++c) {
      pixels[i + c] = static_cast<std::uint8_t>(f(pixels[i + c], pixels[i + kAlpha]));
    }
  }
}

int times_alpha(int color, int alpha) {  // color * alpha / 255, rounded
  const int product = color * alpha + 128;
  return ((product >> 8) + product) >> 8;
}

int over_alpha(int color, int alpha) {
  return alpha == 0 || alpha == 255 ? color : std::min(255 * color / alpha, 255);
}

Axis axis_of(std::int64_t length, std::int64_t size, std::int64_t part) {
  return {length, (length - part) / 2, part, size};
}

}  // namespace

Array resample(const Array& image, ImageSize size, const std::string& interpolation,
               bool keep_aspect_ratio) {
  const Filter& chosen = filter(interpolation);
  const std::int64_t height = image.dim(0), width = image.dim(1), channels = image.dim(2);
  if (size == ImageSize{height, width}) return image;
  ImageSize part{height, width};
  if (keep_aspect_ratio) {
    part = {std::clamp<std::int64_t>(width * size.height / size.width, 1, height),
            std::clamp<std::int64_t>(height * size.width / size.height, 1, width)};
  }
  const auto values = image.values<std::uint8_t>();
  Pixels pixels(values.begin(), values.end());
  const bool weigh_colors = channels == kAlpha + 1 && chosen.weight != nullptr;
  if (weigh_colors) with_alpha(pixels, times_alpha);
  pixels = resample_axis(pixels, height, axis_of(width, size.width, part.width), channels, chosen);
  pixels = resample_axis(pixels, 1, axis_of(height, size.height, part.height),
                         size.width * channels, chosen);
  if (weigh_colors) with_alpha(pixels, over_alpha);
  return Array::from<std::uint8_t>(pixels, {size.height, size.width, channels});
}

}  // namespace banach::utils
