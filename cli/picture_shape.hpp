#pragma once

#include <banach/models/model.hpp>

#include <cstdint>

namespace banach::cli {

/// What pictures a model takes; zeros stand for "as they are".
struct PictureShape {
  std::int64_t height = 0, width = 0, channels = 0;

  /// "grayscale", "rgb" or "rgba".
  const char* color_mode() const;
};

/// Of a model whose one input is (height, width, channels), (height, width), or a flat square.
/// InvalidArgument for other models.
PictureShape picture_shape(const Model& model);

}  // namespace banach::cli
