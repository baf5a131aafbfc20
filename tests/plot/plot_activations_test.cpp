#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/plot/plot_activations.hpp>
#include <tests/support/picture.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace banach;

namespace {

Array normal(double scale) {
  Array values({5000});
  RandomGenerator random(1);
  for (float& value : values.mutable_values<float>()) {
    value = static_cast<float>(scale * random.normal());
  }
  return values;
}

}  // namespace

TEST_CASE("each layer has a histogram over one axis, and its moments") {
  const plot::Figure figure = utils::plot_activations(
      {{"input", normal(1)}, {"dense_1", normal(0.5)}, {"tiny", normal(1e-4)}},
      {.title = "Through the layers"});
  const plot::Table& table = figure.tables().at(0);
  CHECK(table.columns == std::vector<std::string>{"value", "input", "dense_1", "tiny"});
  double sum = 0, inside = 0;
  for (const auto& row : table.rows) {
    sum += row[1];
    if (std::abs(row[0]) < 1) inside += row[1];
  }
  CHECK(sum == doctest::Approx(1).epsilon(0.005));  // but the outermost
  CHECK(inside == doctest::Approx(0.68).epsilon(0.05));
  testing::check_draws(figure, {"Through the layers", "dense_1", "variance", "0.25", "1.0e-08"});
}

TEST_CASE("constant values are drawn") {
  testing::check_draws(utils::plot_activations({{"zeros", Array({4})}}), {"zeros"});
}

TEST_CASE("values that are not finite name their first layer") {
  Array wrong({2});
  wrong.mutable_values<float>()[1] = NAN;
  CHECK_THROWS_WITH_AS(
      utils::plot_activations({{"good", Array({2})}, {"dense_3", wrong}, {"dense_4", wrong}}),
      doctest::Contains("'dense_3' is the first layer"), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_activations({}), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_activations({{"empty", Array()}}), InvalidArgument);
}
