#pragma once

#include <banach/core/array.hpp>

#include <cstdint>
#include <string>

namespace banach::utils {

/// In pixels; as an option, zeros stand for "not given".
struct ImageSize {
  std::int64_t height = 0, width = 0;
  bool operator==(const ImageSize&) const = default;
};

/// "(height, width)".
std::string to_string(ImageSize size);

/// Images (h, w, c) or (n, h, w, c) in another size, float32: "nearest", "bilinear" (of the four
/// nearest pixels' centres, without antialiasing) or "area" (the mean of what each new pixel
/// covers). InvalidArgument for other shapes, sizes and names.
/// (tf.image.resize, what keras.utils.image_dataset_from_directory uses)
Array resize(const Array& images, ImageSize size, const std::string& interpolation = "bilinear");

/// The same of the largest part around the centre that has the new size's proportions, so that
/// nothing is distorted. (keras.preprocessing.image.smart_resize)
Array smart_resize(const Array& images, ImageSize size,
                   const std::string& interpolation = "bilinear");

}  // namespace banach::utils
