#include <tests/nn/warnings.hpp>
#include <tests/train/scripted.hpp>

using namespace banach;
using namespace banach::testing;
using callbacks::EarlyStopping;
using callbacks::EarlyStoppingOptions;

TEST_CASE("EarlyStopping does what Keras' does") {
  for (const Json& c : scripted_cases("early_stopping")) {
    EarlyStoppingOptions o;
    Fields(c.at("options"), "options")("monitor", o.monitor)("min_delta", o.min_delta)(
        "patience", o.patience)("verbose", o.verbose)("mode", o.mode)("baseline", o.baseline)(
        "restore_best_weights", o.restore_best_weights)("start_from_epoch", o.start_from_epoch);
    INFO(formats::format_json(c.at("options")));
    EarlyStopping callback(o);
    check_script(callback, c);
    check_script(callback, c);  // a second training starts anew
  }
}

TEST_CASE("EarlyStopping ends fit, and can be asked when it is shared") {
  Sequential model = scripted_model();
  const auto stopper = std::make_shared<EarlyStopping>(
      EarlyStoppingOptions{.monitor = "loss", .min_delta = 100, .patience = 2});
  const Array x({8, 1});
  const History h = model.fit(x, x, {.epochs = 9, .verbose = 0, .callbacks = {stopper}});
  CHECK(h.epoch.size() == 3);
  CHECK(stopper->stopped_epoch() == 2);
  CHECK(stopper->best_epoch() == 0);
  CHECK(*stopper->best() == h.history.at("loss").front());
}

TEST_CASE("EarlyStopping warns once of what is not in the logs, and goes on") {
  Sequential model = scripted_model();
  const WarningRecorder warnings;
  const Array x({8, 1});
  const History h =
      model.fit(x, x, {.epochs = 3, .verbose = 0, .callbacks = {EarlyStopping({.patience = 1})}});
  CHECK(h.epoch.size() == 3);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] ==
        "Early stopping conditioned on metric `val_loss` which is not available. Available metrics "
        "are: accuracy,loss,mae");
}

TEST_CASE("EarlyStopping refuses what cannot work") {
  CHECK_THROWS_WITH_AS(EarlyStopping({.patience = -1}),
                       "[EarlyStopping] patience and start_from_epoch must be >= 0, received -1 "
                       "and 0",
                       InvalidArgument);
}
