#include <cli/drawing.hpp>

#include <algorithm>

namespace banach::cli {

std::string draw(const Array& picture) {
  static constexpr std::string_view kShades = " .:-=+*#%@";
  const std::int64_t height = picture.dim(0), width = picture.dim(1);
  const std::int64_t channels = picture.size() / (height * width);
  double least = picture.flat(0), most = least;
  for (std::int64_t i = 0; i < picture.size(); ++i) {
    least = std::min(least, picture.flat(i));
    most = std::max(most, picture.flat(i));
  }
  const double scale = most > least ? (kShades.size() - 0.01) / (most - least) : 0;
  std::string text;
  for (std::int64_t row = 0; row < height; row += 2) {  // characters are twice as high as wide
    for (std::int64_t column = 0; column < width; ++column) {
      const double value = picture.flat((row * width + column) * channels);
      text += kShades[static_cast<std::size_t>((value - least) * scale)];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace banach::cli
