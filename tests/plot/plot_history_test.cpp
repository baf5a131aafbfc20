#include <banach/core/errors.hpp>
#include <banach/plot/plot_history.hpp>
#include <tests/support/picture.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("a panel for each metric, the loss first") {
  const plot::Figure figure = utils::plot_history(
      {{"accuracy", {0.5, 0.75}}, {"loss", {2, 1}}, {"val_accuracy", {0.25, NAN}}},
      {.title = "Eight epochs"});
  const plot::Table& table = figure.tables().at(0);
  CHECK(table.columns == std::vector<std::string>{"epoch", "accuracy", "loss", "val_accuracy"});
  CHECK(table.rows.at(1).at(0) == 2);
  CHECK(table.rows.at(1).at(2) == 1);
  const std::string script = figure.script();
  CHECK(script.find("set multiplot layout 1,2") != std::string::npos);
  const std::size_t loss = script.find("plot $history using 1:3 with linespoints linetype 1");
  const std::size_t accuracy = script.find("plot $history using 1:2 with linespoints linetype 1");
  CHECK(loss < accuracy);
  CHECK(accuracy != std::string::npos);
  testing::check_draws(figure, {"Eight epochs", "loss", "accuracy", "training", "validation"});
}

TEST_CASE("one epoch, and a metric that validates alone, are drawn") {
  testing::check_draws(utils::plot_history({{"val_loss", {1}}}), {"loss", "validation"});
}

TEST_CASE("a history without epochs or of different lengths is an error") {
  CHECK_THROWS_AS(utils::plot_history({}), InvalidArgument);
  CHECK_THROWS_AS(utils::plot_history({{"loss", {}}}), InvalidArgument);
  CHECK_THROWS_WITH_AS(utils::plot_history({{"a", {1, 2}}, {"loss", {1}}}),
                       doctest::Contains("'a' has 2 values and 'loss' 1"), InvalidArgument);
}
