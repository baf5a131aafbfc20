#include <banach/core/errors.hpp>
#include <banach/plot/plot_fixed_point.hpp>
#include <banach/snn/fixed_point.hpp>
#include <tests/support/picture.hpp>

#include <doctest/doctest.h>

using namespace banach;
using snn::Moments;

namespace {

Moments selu(const Moments& moments) { return snn::mean_variance_map(moments); }

}  // namespace

TEST_CASE("arrows, trajectories and the fixed point of SELU") {
  const plot::Figure figure = utils::plot_fixed_point(selu, {.layers = 5, .title = "SELU"});
  const plot::Table &field = figure.tables().at(0), &ways = figure.tables().at(1),
                    &point = figure.tables().at(2);
  for (const auto& row : field.rows) {
    const Moments to = selu({row[0], row[1]});
    REQUIRE(row[0] + row[2] == doctest::Approx(to.mean));
    REQUIRE(row[1] + row[3] == doctest::Approx(to.variance));
  }
  CHECK(ways.rows.size() == 8 * 6);
  const Moments next = selu({ways.rows.at(0).at(2), ways.rows.at(0).at(3)});
  CHECK(ways.rows.at(1).at(2) == next.mean);
  CHECK(point.rows.at(0).at(0) == doctest::Approx(0).epsilon(1e-8));
  CHECK(point.rows.at(0).at(1) == doctest::Approx(1).epsilon(1e-8));
  testing::check_draws(figure, {"SELU", "fixed point (0, 1)", "variance"});
}

TEST_CASE("layers that lead out of the picture have no fixed point in it") {
  const auto grow = [](const Moments& m) { return Moments{m.mean, 2 * m.variance}; };
  const auto leave = [](const Moments& m) { return Moments{5, m.variance}; };
  for (const MomentsMap& map : {MomentsMap(grow), MomentsMap(leave)}) {
    const plot::Figure figure = utils::plot_fixed_point(map);
    CHECK(figure.tables().size() == 2);
    testing::check_draws(figure);
  }
}

TEST_CASE("empty intervals and negative variances are errors") {
  CHECK_THROWS_AS(utils::plot_fixed_point(selu, {.mean = {1, 1}}), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_fixed_point(selu, {.variance = {-1, 1}}), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_fixed_point(selu, {.layers = 0}), InvalidArgument);
}
