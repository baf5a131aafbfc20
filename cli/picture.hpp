#pragma once

#include <banach/models/model.hpp>

#include <string>

namespace banach::cli {

struct PictureOptions {
  bool invert = true;  ///< dark strokes on white become white on black, for models of gray pictures
  bool rescale = true;  ///< bytes become numbers in [0, 1]
};

/// A PNG file as a batch of one for a model whose one input is (height, width, channels), or
/// (height * width,) of a square: gray or coloured as the model has channels, resized to its size.
/// What was changed is noted on stderr. InvalidArgument for a model of other inputs; what
/// utils::load_img throws.
Array read_picture(const Model& model, const std::string& path, const PictureOptions& options);

}  // namespace banach::cli
