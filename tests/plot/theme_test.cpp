#include <banach/plot/gnuplot.hpp>
#include <banach/plot/theme.hpp>
#include <tests/support/picture.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <string>

using namespace banach;

namespace {

// Relative luminance of "#RRGGBB" (WCAG 2.1).
double luminance(std::string_view color) {
  const auto channel = [&](std::size_t at) {
    const double c = std::stoi(std::string(color.substr(at, 2)), nullptr, 16) / 255.;
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

}  // namespace

TEST_CASE("lines show on white, and a tint is lighter than its color") {
  for (std::size_t i = 0; i < plot::kColors; ++i) {
    CAPTURE(plot::color(i));
    CHECK(1.05 / (luminance(plot::color(i)) + 0.05) > 2);
    CHECK(luminance(plot::tint(i)) > luminance(plot::color(i)));
  }
  CHECK(plot::color(plot::kColors) == plot::color(0));
}

TEST_CASE("a text cannot leave its quotes") {
  CHECK(plot::quoted("") == "''");
  CHECK(plot::quoted("it's") == "'it''s'");
  CHECK(plot::quoted("a\nset output 'x'") == "'a set output ''x'''");
  CHECK(plot::quoted("`date` \\ @x μ") == "'`date` \\ @x μ'");
}

TEST_CASE("gnuplot prints a quoted text as it is") {
  if (!testing::has_gnuplot()) return;
  for (const std::string text : {"it's", "`date`", "back\\slash\\", "x_1 {a} @b $c", "μ ₁"}) {
    const auto printed = plot::run_gnuplot("set print '-'\nprint " + plot::quoted(text) + "\n");
    REQUIRE(printed);
    CHECK(formats::as_text(*printed) == text + "\n");
  }
}
