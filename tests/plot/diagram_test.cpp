#include <banach/core/errors.hpp>
#include <banach/plot/diagram.hpp>
#include <tests/support/picture.hpp>

#include <cstdio>
#include <doctest/doctest.h>
#include <sstream>

using namespace banach;

namespace {

struct Rectangle {
  double left, top, right, bottom;
  bool meets(const Rectangle& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
  bool holds(double x, double y) const { return left < x && x < right && top < y && y < bottom; }
};

std::vector<Rectangle> boxes_in(const std::string& script) {
  std::vector<Rectangle> boxes;
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    Rectangle box{};
    if (std::sscanf(line.c_str(), "set object %*d rectangle from %lf,%lf to %lf,%lf", &box.left,
                    &box.top, &box.right, &box.bottom) == 4) {
      boxes.push_back(box);
    }
  }
  return boxes;
}

struct Arrow {
  double x0, y0, x1, y1;
};

std::vector<Arrow> arrows_in(const std::string& script) {
  std::vector<Arrow> arrows;
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    Arrow a{};
    if (std::sscanf(line.c_str(), "set arrow from %lf,%lf to %lf,%lf", &a.x0, &a.y0, &a.x1,
                    &a.y1) == 4) {
      arrows.push_back(a);
    }
  }
  return arrows;
}

}  // namespace

TEST_CASE("boxes stand below their inputs, and neither boxes nor arrows cross boxes") {
  // Two inputs, a residual connection over two levels, two outputs.
  const std::vector<plot::Box> boxes = {
      {{"a", "(None, 4)"}},      {{"b"}},         {{"c"}, {0}}, {{"d"}, {2}},
      {{"a long name"}, {0, 3}}, {{"f"}, {4, 1}}, {{"g"}, {4}}};
  const plot::Figure figure = plot::draw_diagram(boxes);
  const std::string script = figure.script();
  const std::vector<Rectangle> drawn = boxes_in(script);
  REQUIRE(drawn.size() == boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (const std::size_t input : boxes[i].inputs) CHECK(drawn[input].bottom < drawn[i].top);
    for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(drawn[i].meets(drawn[j]));
  }
  for (const Arrow& arrow : arrows_in(script)) {
    for (int step = 1; step < 20; ++step) {
      const double t = step / 20.;
      for (const Rectangle& box : drawn) {
        CHECK_FALSE(
            box.holds(arrow.x0 + t * (arrow.x1 - arrow.x0), arrow.y0 + t * (arrow.y1 - arrow.y0)));
      }
    }
  }
  testing::check_draws(figure, {"a long name", "(None, 4)"});
}

TEST_CASE("no boxes, and inputs that come later, are errors") {
  CHECK_THROWS_AS(plot::draw_diagram({}), InvalidArgument);
  CHECK_THROWS_AS(plot::draw_diagram({{{"a"}, {0}}}), InvalidArgument);
}
