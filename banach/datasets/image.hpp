#pragma once

#include <banach/core/array.hpp>
#include <banach/datasets/resize.hpp>

#include <string>

namespace banach::utils {

struct LoadImgOptions {
  std::string color_mode = "rgb";         ///< "grayscale", "rgb" or "rgba"
  ImageSize target_size = {};             ///< {height, width}; by default the picture's own
  std::string interpolation = "nearest";  ///< or "bilinear", "bicubic", "lanczos", "box", "hamming"
  bool keep_aspect_ratio = false;         ///< cuts the sides off instead of distorting
};

/// The picture in a PNG file, uint8 (height, width, channels): 1, 3 or 4 channels by the colour
/// mode. Gray is (19595 R + 38470 G + 7471 B + 2^15) / 2^16, as PIL has it; without an alpha
/// channel alpha is 255. NotSupported for JPEG and other formats, InvalidArgument for options that
/// do not exist, and what formats::load_png throws. Keras gives a PIL image here.
/// (keras/src/utils/image_utils.py)
Array load_img(const std::string& path, const LoadImgOptions& options = {});

/// Float32 (or `dtype`) pixels of a picture (h, w, c) or (h, w), which gets one channel.
Array img_to_array(const Array& img, DType dtype = float32);

/// Uint8 pixels (h, w, 1, 3 or 4) of numbers; `scale` spreads them over 0 to 255, as Keras does by
/// default. InvalidArgument for other shapes, and for numbers outside [0, 256) when not scaled.
Array array_to_img(const Array& x, bool scale = true);

struct SaveImgOptions {
  bool scale = true;  ///< spread the numbers over 0 to 255; false: they are pixels already
};

/// Writes array_to_img(x), also of (h, w), as a PNG file, atomically. NotSupported for names that
/// do not end in .png; IOError.
void save_img(const std::string& path, const Array& x, const SaveImgOptions& options = {});

}  // namespace banach::utils
