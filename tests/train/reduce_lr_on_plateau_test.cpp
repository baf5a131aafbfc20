#include <tests/nn/warnings.hpp>
#include <tests/train/scripted.hpp>

using namespace banach;
using namespace banach::testing;
using callbacks::ReduceLROnPlateau;
using callbacks::ReduceLROnPlateauOptions;
using doctest::Contains;

TEST_CASE("ReduceLROnPlateau does what Keras' does") {
  for (const Json& c : scripted_cases("reduce_lr_on_plateau")) {
    ReduceLROnPlateauOptions o;
    Fields(c.at("options"), "options")("monitor", o.monitor)("factor", o.factor)(
        "patience", o.patience)("verbose", o.verbose)("mode", o.mode)("min_delta", o.min_delta)(
        "cooldown", o.cooldown)("min_lr", o.min_lr);
    INFO(formats::format_json(c.at("options")));
    ReduceLROnPlateau callback(o);
    check_script(callback, c);
    check_script(callback, c);  // a second training starts anew
  }
}

TEST_CASE("ReduceLROnPlateau warns of what is not in the logs, its own learning_rate among them") {
  Sequential model = scripted_model();
  const WarningRecorder warnings;
  const Array x({8, 1});
  model.fit(x, x, {.epochs = 2, .verbose = 0, .callbacks = {ReduceLROnPlateau()}});
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] ==
        "Learning rate reduction is conditioned on metric `val_loss` which is not available. "
        "Available metrics are: accuracy,learning_rate,loss,mae");
}

TEST_CASE("ReduceLROnPlateau refuses a factor of 1, and a schedule") {
  CHECK_THROWS_WITH_AS(ReduceLROnPlateau({.factor = 1}), Contains("expected factor in [0, 1)"),
                       InvalidArgument);
  Sequential model = scripted_model();
  model.compile(
      {.loss = "mse",
       .optimizer = optimizers::SGD(optimizers::schedules::ExponentialDecay(0.1, 10, 0.5))});
  const Array x({8, 1});
  const ReduceLROnPlateau callback({.monitor = "loss", .patience = 0, .min_delta = 100});
  CHECK_THROWS_WITH_AS(model.fit(x, x, {.epochs = 3, .verbose = 0, .callbacks = {callback}}),
                       Contains("is the schedule"), InvalidArgument);
}
