#include <banach/core/errors.hpp>
#include <banach/nn/activations.hpp>
#include <banach/plot/plot_activation.hpp>
#include <banach/snn/selu.hpp>
#include <tests/support/picture.hpp>

#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("the curves are the functions' values") {
  const plot::Figure figure = utils::plot_activation(
      {{"SELU", activations::selu}, {"square", [](double x) { return x * x; }}},
      {.from = -2, .to = 2, .title = "Two curves"});
  const plot::Table& table = figure.tables().at(0);
  CHECK(table.columns == std::vector<std::string>{"x", "SELU", "square"});
  CHECK(table.rows.front().at(0) == -2);
  CHECK(table.rows.back().at(0) == 2);
  CHECK(table.rows.back().at(1) == doctest::Approx(2 * snn::kSeluScale));
  CHECK(table.rows.front().at(2) == 4);
  testing::check_draws(figure, {"Two curves", "SELU", "square", "f(x)"});
}

TEST_CASE("a wrong range and a function of another shape are errors") {
  CHECK_THROWS_AS(utils::plot_activation({}, {.from = 1, .to = 1}), InvalidArgument);
  const Curve sum("sum", [](const Array&) { return Array({1}); });
  CHECK_THROWS_WITH_AS(utils::plot_activation({sum}), doctest::Contains("'sum' gives (1,)"),
                       InvalidArgument);
}
