#include <banach/core/errors.hpp>
#include <banach/plot/plot_decision_boundary.hpp>
#include <tests/support/picture.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace banach;

namespace {

const Array kPoints = Array::of<float>({0, 0, 1, 1, 4, 2}, {3, 2});

// The probability that the first coordinate is beyond `at`.
PointClassifier beyond(double at) {
  return [at](const Array& x) {
    Array y({x.dim(0), 1});
    for (std::int64_t i = 0; i < x.dim(0); ++i) {
      y.mutable_values<float>()[static_cast<std::size_t>(i)] =
          static_cast<float>(1 / (1 + std::exp(at - x.at({i, 0}))));
    }
    return y;
  };
}

}  // namespace

TEST_CASE("the picture covers the samples and a tenth more") {
  const plot::Figure figure = utils::plot_decision_boundary(
      beyond(2), kPoints, Array::of<std::int64_t>({0, 0, 1}), {.title = "Left and right"});
  const plot::Table& grid = figure.tables().at(1);
  CHECK(grid.rows.size() == grid.block * grid.block);
  CHECK(grid.rows.front().at(0) == doctest::Approx(-0.4).epsilon(0.05));
  CHECK(grid.rows.back().at(0) == doctest::Approx(4.4).epsilon(0.05));
  for (const auto& row : grid.rows) REQUIRE((row[0] > 2) == (row[2] > 0.5));
  testing::check_draws(figure, {"Left and right", "class 0", "class 1", "boundary", "x₁"});
}

TEST_CASE("probabilities of classes are drawn as the most probable class") {
  const auto three = [](const Array& x) {
    Array y({x.dim(0), 3});
    const auto values = y.mutable_values<float>();
    for (std::int64_t i = 0; i < x.dim(0); ++i) {
      const double at = x.at({i, 0});
      values[static_cast<std::size_t>(3 * i + (at < 1 ? 0 : at < 3 ? 1 : 2))] = 1;
    }
    return y;
  };
  const plot::Figure figure =
      utils::plot_decision_boundary(three, kPoints, Array::of<float>({0, 1, 2}));
  CHECK(figure.tables().at(1).rows.front().at(2) == 0);
  CHECK(figure.tables().at(1).rows.back().at(2) == 2);
  testing::check_draws(figure, {"class 2"});
}

TEST_CASE("a classifier that never changes its mind has no boundary, and is drawn") {
  testing::check_draws(
      utils::plot_decision_boundary(beyond(100), kPoints, Array::of<float>({0, 0, 0})));
}

TEST_CASE("other shapes, classes and numbers are errors") {
  const Array y = Array::of<float>({0, 0, 1});
  CHECK_THROWS_AS(utils::plot_decision_boundary(beyond(0), Array({3, 3}), y), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_decision_boundary(beyond(0), kPoints, Array({2})), InvalidArgument);
  CHECK_THROWS_WITH_AS(
      utils::plot_decision_boundary(beyond(0), kPoints, Array::of<float>({0, 0.5, 1})),
      doctest::Contains("y[1]"), InvalidArgument);
  CHECK_THROWS_WITH_AS(
      utils::plot_decision_boundary(beyond(0), Array::of<float>({0, 0, 1, NAN, 4, 2}, {3, 2}), y),
      doctest::Contains("x[1]"), InvalidArgument);
  const auto wrong = [](const Array&) { return Array({7}); };
  CHECK_THROWS_AS(utils::plot_decision_boundary(wrong, kPoints, y), InvalidArgument);
}
