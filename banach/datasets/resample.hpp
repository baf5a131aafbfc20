#pragma once

#include <banach/datasets/resize.hpp>

namespace banach::utils {

/// A picture, uint8 (h, w, c), in another size, to the bit what PIL's Image.resize gives:
/// "nearest", or "box", "bilinear", "hamming", "bicubic", "lanczos", which average what a smaller
/// pixel covers. Of 4 channels the last is alpha, and colours count by it. `keep_aspect_ratio`
/// takes the largest part around the centre that has the new size's proportions. InvalidArgument
/// for an unknown name. (PIL, Resample.c; keras.utils.load_img uses it)
Array resample(const Array& image, ImageSize size, const std::string& interpolation,
               bool keep_aspect_ratio = false);

}  // namespace banach::utils
