#include <banach/train/monitor.hpp>
#include <tests/train/scripted.hpp>

#include <limits>

using namespace banach;
using namespace banach::testing;
using doctest::Contains;

namespace {

bool rises(const std::string& quantity, const Model& model) {
  Monitor monitor("EarlyStopping", quantity, "auto");
  monitor.settle(model);
  CHECK(monitor.improves(2, 1) != monitor.improves(1, 2));
  return monitor.improves(2, 1);
}

}  // namespace

TEST_CASE("in mode auto accuracies rise and losses fall, with or without val_") {
  Sequential model({layers::Input({1}), layers::Dense(1)});
  model.compile({.loss = "mse",
                 .metrics = {"acc", "mean_absolute_error"},
                 .weighted_metrics = {"binary_accuracy"}});
  CHECK(rises("acc", model));
  CHECK(rises("val_binary_accuracy", model));
  CHECK_FALSE(rises("loss", model));
  CHECK_FALSE(rises("val_loss", model));
  CHECK_FALSE(rises("val_mean_absolute_error", model));
}

TEST_CASE("what is not known to rise or fall needs a mode") {
  Sequential model({layers::Input({1}), layers::Dense(1)});
  model.compile({.loss = "mse", .metrics = {Metric("own", metrics::binary_accuracy)}});
  for (const char* quantity : {"own", "val_accuracy", "learning_rate"}) {
    CHECK_THROWS_WITH_AS(Monitor("EarlyStopping", quantity, "auto").settle(model),
                         Contains("pass mode = \"max\" or \"min\""), InvalidArgument);
  }
  CHECK_THROWS_WITH_AS(Monitor("EarlyStopping", "loss", "mim"),
                       "[EarlyStopping] mode must be 'auto', 'min' or 'max', received 'mim'",
                       InvalidArgument);
  Monitor monitor("EarlyStopping", "own", "max");
  monitor.settle(model);
  CHECK(monitor.improves(2, 1));
}

TEST_CASE(
    "an improvement exceeds min_delta; all is better than nothing, and NaN than nothing else") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Monitor monitor("EarlyStopping", "loss", "min", -0.25);
  monitor.settle(scripted_model());
  CHECK(monitor.improves(0.5, 1));
  CHECK_FALSE(monitor.improves(0.75, 1));
  CHECK(monitor.improves(nan, std::nullopt));
  CHECK_FALSE(monitor.improves(nan, 1));
  CHECK_FALSE(monitor.improves(1, nan));
}
