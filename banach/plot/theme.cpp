#include <banach/plot/theme.hpp>

#include <array>
#include <fmt/format.h>

namespace banach::plot {
namespace {

constexpr std::array<std::string_view, kColors> kPalette = {
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
constexpr std::array<std::string_view, kColors> kTints = {
    "#A6CFE6", "#F3C3A0", "#A6DCCB", "#EFD3E2", "#F7DDA6", "#C6E5F7", "#B3B3B3"};

constexpr std::string_view kAxes = R"(set encoding utf8
set border 3 linecolor rgb '#808080'
set tics nomirror out scale 0.5 textcolor rgb '#333333'
set grid linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set key top right Left reverse noopaque samplen 2 spacing 1.2 textcolor rgb '#333333'
set title offset 0,-0.3
set style fill solid 1 noborder
)";

std::string terminal(Format format, const Size& size) {
  if (format == Format::svg) {
    return fmt::format(
        "set terminal svg noenhanced size {},{} font 'sans-serif,16' background rgb 'white'\n",
        size.width, size.height);
  }
  return fmt::format(
      "set terminal pngcairo noenhanced size {},{} font 'sans,12' fontscale 2 linewidth 2 "
      "pointscale 2 background rgb 'white'\n",
      2 * size.width, 2 * size.height);
}

}  // namespace

std::string_view color(std::size_t i) { return kPalette[i % kColors]; }
std::string_view tint(std::size_t i) { return kTints[i % kColors]; }

std::string theme(Format format, const Size& size) {
  std::string text = terminal(format, size);
  text += kAxes;
  for (std::size_t i = 0; i < kColors; ++i) {
    text +=
        fmt::format("set linetype {} linewidth 2.5 pointtype 7 pointsize 0.7 linecolor rgb {}\n",
                    i + 1, quoted(color(i)));
  }
  return text + fmt::format("set linetype cycle {}\n", kColors);
}

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return result + '\'';
}

}  // namespace banach::plot
