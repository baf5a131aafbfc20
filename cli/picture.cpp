#include <cli/picture.hpp>

#include <cli/output.hpp>
#include <cli/picture_shape.hpp>
#include <cli/samples.hpp>

#include <banach/datasets/image.hpp>
#include <banach/datasets/resize.hpp>

#include <fmt/format.h>

namespace banach::cli {
namespace {

// Whether the frame of a gray picture (h, w, 1) is bright.
bool has_white_background(const Array& picture) {
  const std::int64_t height = picture.dim(0), width = picture.dim(1);
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < height; ++row) {
    const bool whole_row = row == 0 || row == height - 1;
    for (std::int64_t column = 0; column < width; column += whole_row ? 1 : width - 1) {
      sum += picture.at({row, column, 0});
      ++count;
      if (width == 1) break;
    }
  }
  return sum > 127.5 * static_cast<double>(count);
}

Array inverted(Array picture) {
  for (std::uint8_t& value : picture.mutable_values<std::uint8_t>()) value = 255 - value;
  return picture;
}

// Every pixel counts when it shrinks, and none shows when it grows.
Array resized(const Array& picture, const PictureShape& shape) {
  const bool shrinks = picture.dim(0) > shape.height || picture.dim(1) > shape.width;
  const Array pixels =
      utils::resize(picture, {shape.height, shape.width}, shrinks ? "area" : "bilinear");
  return (pixels + 0.5).astype(uint8);
}

}  // namespace

Array read_picture(const Model& model, const std::string& path, const PictureOptions& options) {
  const PictureShape shape = picture_shape(model);
  Array picture = utils::load_img(path, {.color_mode = shape.color_mode()});
  if (shape.channels == 1 && options.invert && has_white_background(picture)) {
    picture = inverted(picture);
    note(fmt::format("{}: inverted, because its background is white", path));
  }
  if (shape.height > 0 && shape.width > 0 &&
      (picture.dim(0) != shape.height || picture.dim(1) != shape.width)) {
    note(fmt::format("{}: resized from {} x {} to {} x {}", path, picture.dim(1), picture.dim(0),
                     shape.width, shape.height));
    picture = resized(picture, shape);
  }
  const Array batch = picture.reshape({1, picture.dim(0), picture.dim(1), picture.dim(2)});
  return fit_input(model, 0, batch, options.rescale);
}

}  // namespace banach::cli
