#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// How every picture looks; the one place that says it.
namespace banach::plot {

enum class Format { svg, png };

/// Pixels at the size that a picture is shown at; a PNG file has twice as many each way.
struct Size {
  int width = 800;
  int height = 500;
};

/// Okabe and Ito's palette (Color Universal Design, 2008), which colour-blind readers can tell
/// apart, without its yellow, too bright for lines on white. Number `i` is gnuplot's line type
/// i + 1; after the last the first comes again.
std::string_view color(std::size_t i);
/// The same mixed with white, for areas.
std::string_view tint(std::size_t i);
inline constexpr std::size_t kColors = 7;

/// gnuplot's commands before everything else: terminal, fonts, axes, grid, line types.
std::string theme(Format format, const Size& size);

/// A text as gnuplot's commands hold it: '...', in which nothing is executed or replaced. Control
/// characters become blanks, so that no text ends its line.
std::string quoted(std::string_view text);

}  // namespace banach::plot
