#include <cli/picture_shape.hpp>

#include <banach/core/errors.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach::cli {
namespace {

PictureShape known(std::int64_t height, std::int64_t width, std::int64_t channels) {
  return {std::max(height, std::int64_t{0}), std::max(width, std::int64_t{0}), channels};
}

}  // namespace

const char* PictureShape::color_mode() const {
  return channels == 1 ? "grayscale" : channels == 4 ? "rgba" : "rgb";
}

PictureShape picture_shape(const Model& model) {
  const std::vector<Shape> inputs = model.input_shapes();
  const Shape shape = inputs.size() == 1 ? inputs.front() : Shape();
  if (shape.rank() == 4 && (shape[3] == 1 || shape[3] == 3 || shape[3] == 4)) {
    return known(shape[1], shape[2], shape[3]);
  }
  if (shape.rank() == 3) return known(shape[1], shape[2], 1);
  if (shape.rank() == 2 && shape[1] > 0) {
    const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(shape[1])));
    if (side * side == shape[1]) return {side, side, 1};
  }
  throw InvalidArgument(fmt::format(
      "[{}] takes no pictures: expected one input (None, height, width, channels), received {}",
      model.name(), inputs.size() == 1 ? shape.str() : std::to_string(inputs.size()) + " inputs"));
}

}  // namespace banach::cli
