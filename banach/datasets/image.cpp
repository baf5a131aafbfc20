#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/image.hpp>
#include <banach/datasets/resample.hpp>
#include <banach/formats/png.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

namespace banach::utils {
namespace {

struct Signature {
  std::string_view name, begin;
};

constexpr Signature kOtherFormats[] = {{"JPEG", "\xFF\xD8\xFF"}, {"GIF", "GIF8"}, {"BMP", "BM"},
                                       {"WebP", "RIFF"},         {"TIFF", "II*"}, {"TIFF", "MM"}};

[[noreturn]] void refuse_format(formats::ByteSpan bytes, const std::string& path) {
  const std::string_view text = formats::as_text(bytes);
  for (const Signature& format : kOtherFormats) {
    if (!text.starts_with(format.begin)) continue;
    throw NotSupported(fmt::format(
        "[{}] is a {} file: pictures are read from PNG alone. Convert it", path, format.name));
  }
  throw Corruption(
      fmt::format("[{}] expected a picture, a PNG file, received {} bytes that begin otherwise",
                  path, bytes.size()));
}

Array read_picture(const std::string& path) {
  const formats::Bytes bytes = formats::read_file(path);
  if (!formats::is_png(bytes)) refuse_format(bytes, path);
  return formats::parse_png(bytes, path);
}

struct ColorMode {
  std::string name;
  std::int64_t channels;
};

std::int64_t channels_of(const std::string& color_mode) {
  static const ColorMode kModes[] = {{"grayscale", 1}, {"rgb", 3}, {"rgba", 4}};
  const auto found = std::ranges::find(kModes, color_mode, &ColorMode::name);
  if (found != std::end(kModes)) return found->channels;
  std::vector<std::string> names;
  for (const ColorMode& mode : kModes) names.push_back(mode.name);
  throw InvalidArgument(fmt::format("[load_img] unknown color_mode '{}'. {}Known: {}", color_mode,
                                    did_you_mean(color_mode, names), join(names)));
}

std::uint8_t luma(const std::uint8_t* rgb) {  // ITU-R 601-2, in PIL's fixed point
  return static_cast<std::uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >>
                                   16);
}

// One pixel of `from` channels (1 or 2: gray, 3 or 4: colours; the even ones end in alpha).
void convert_pixel(const std::uint8_t* pixel, std::int64_t from, std::uint8_t* result,
                   std::int64_t to) {
  const bool gray = from <= 2;
  if (to == 1) {
    result[0] = gray ? pixel[0] : luma(pixel);
    return;
  }
  for (int c = 0; c < 3; ++c) result[c] = pixel[gray ? 0 : c];
  if (to == 4) result[3] = from % 2 == 0 ? pixel[from - 1] : 255;
}

Array convert(const Array& image, std::int64_t channels) {
  const std::int64_t from = image.dim(2);
  if (from == channels) return image;
  Array result(image.shape().with(2, channels), uint8);
  const std::uint8_t* pixel = image.values<std::uint8_t>().data();
  std::uint8_t* to = result.mutable_values<std::uint8_t>().data();
  for (std::int64_t i = 0; i < image.dim(0) * image.dim(1); ++i) {
    convert_pixel(pixel + i * from, from, to + i * channels, channels);
  }
  return result;
}

void check_target(ImageSize size, const std::string& path) {
  if (size == ImageSize{} || (size.height > 0 && size.width > 0)) return;
  throw InvalidArgument(
      fmt::format("[load_img] '{}': expected a target_size of at least 1 x 1, "
                  "received {}",
                  path, to_string(size)));
}

// To [0, 255]: less the smallest, over the largest, in float as NumPy does.
void stretch(std::span<float> values) {
  const float smallest = *std::ranges::min_element(values);
  const float range = *std::ranges::max_element(values) - smallest;
  for (float& value : values) {
    value -= smallest;
    if (range != 0) value /= range;
    value *= 255;
  }
}

std::uint8_t to_pixel(float value) {
  if (value >= 0 && value < 256) return static_cast<std::uint8_t>(value);
  throw InvalidArgument(
      fmt::format("[array_to_img] {} is no pixel: expected numbers in [0, 256), or finite ones "
                  "with scale = true",
                  value));
}

}  // namespace

Array load_img(const std::string& path, const LoadImgOptions& options) {
  const std::int64_t channels = channels_of(options.color_mode);
  check_target(options.target_size, path);
  const Array image = convert(read_picture(path), channels);
  if (options.target_size == ImageSize{}) return image;
  return resample(image, options.target_size, options.interpolation, options.keep_aspect_ratio);
}

Array img_to_array(const Array& img, DType dtype) {
  if (img.rank() != 2 && img.rank() != 3) {
    throw InvalidArgument(fmt::format(
        "[img_to_array] expected (height, width, channels) or (height, width), received {}",
        img.str()));
  }
  const Array array = img.astype(dtype);
  return img.rank() == 3 ? array : array.reshape({img.dim(0), img.dim(1), 1});
}

Array array_to_img(const Array& x, bool scale) {
  if (x.rank() != 3 || (x.dim(2) != 1 && x.dim(2) != 3 && x.dim(2) != 4) || x.size() == 0) {
    throw InvalidArgument(fmt::format(
        "[array_to_img] expected (height, width, 1, 3 or 4 channels), received {}", x.str()));
  }
  if (!scale && x.dtype() == uint8) return x;
  Array numbers = x.astype(float32);
  if (scale) stretch(numbers.mutable_values<float>());
  Array image(x.shape(), uint8);
  std::ranges::transform(numbers.values<float>(), image.mutable_values<std::uint8_t>().begin(),
                         to_pixel);
  return image;
}

void save_img(const std::string& path, const Array& x, const SaveImgOptions& options) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::ranges::transform(extension, extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (extension != ".png") {
    throw NotSupported(fmt::format(
        "[save_img] '{}': pictures are written as PNG alone: choose a name that ends in .png",
        path));
  }
  const Array image = x.rank() == 2 ? x.reshape({x.dim(0), x.dim(1), 1}) : x;
  formats::save_png(path, array_to_img(image, options.scale));
}

}  // namespace banach::utils
