#include <banach/core/errors.hpp>
#include <banach/plot/plot_images.hpp>
#include <tests/support/picture.hpp>

#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("gray pictures of bytes and of numbers are the same numbers") {
  const Array bytes = Array::of<std::uint8_t>({0, 51, 255, 102}, {2, 1, 2});
  const plot::Figure figure = utils::plot_images(bytes, {"first", "second"}, {.title = "Two"});
  const plot::Table& table = figure.tables().at(0);
  CHECK(table.columns.back() == "gray");
  CHECK(table.rows.at(1) == std::vector<double>{0, 0, 1, 51});
  CHECK(table.rows.at(2) == std::vector<double>{1, 0, 0, 255});
  const Array numbers = bytes.astype(float32).reshape({2, 1, 2, 1}) / 255;
  CHECK(utils::plot_images(numbers).tables().at(0).rows == table.rows);
  testing::check_draws(figure, {"Two", "first", "second"});
}

TEST_CASE("pictures in colours, in several rows") {
  Array images({7, 4, 4, 3});
  images.mutable_values<float>()[0] = 2;  // is cut
  const plot::Figure figure = utils::plot_images(images, {}, {.columns = 3});
  CHECK(figure.tables().at(0).rows.at(0) == std::vector<double>{0, 0, 0, 255, 0, 0});
  testing::check_draws(figure);
}

TEST_CASE("other shapes and numbers of titles are errors") {
  CHECK_THROWS_AS(utils::plot_images(Array({2, 2})), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_images(Array({2, 2, 2, 2})), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_images(Array({0, 2, 2})), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_images(Array({1, 2, 2}), {}, {.columns = 0}), InvalidArgument);
  CHECK_THROWS_WITH_AS(utils::plot_images(Array({3, 2, 2}), {"one"}),
                       doctest::Contains("a title for each of 3"), InvalidArgument);
}
