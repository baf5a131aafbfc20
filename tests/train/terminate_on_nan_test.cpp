#include <tests/train/scripted.hpp>

#include <limits>

using namespace banach;
using namespace banach::testing;
using callbacks::TerminateOnNaN;

TEST_CASE("TerminateOnNaN does what Keras' does") {
  TerminateOnNaN callback;
  check_script(callback, scripted_cases("terminate_on_nan").front());
}

TEST_CASE("TerminateOnNaN ends fit in the batch of the loss that is none") {
  Sequential model = scripted_model();
  Array x({8, 1});
  x.mutable_values<float>()[5] = std::numeric_limits<float>::infinity();
  const FitOptions options{.batch_size = 2,
                           .epochs = 3,
                           .verbose = 0,
                           .callbacks = {TerminateOnNaN()},
                           .shuffle = false};
  const CapturedOutput output;
  const History h = model.fit(x, Array({8, 1}), options);
  CHECK(output.text() == "Batch 2: Invalid loss, terminating training\n");
  CHECK(h.epoch.size() == 1);
}

TEST_CASE("TerminateOnNaN can throw instead") {
  TerminateOnNaN callback({.raise_error = true});
  CHECK_THROWS_WITH_AS(
      callback.on_train_batch_end(7, {{"loss", std::numeric_limits<double>::quiet_NaN()}}),
      "NaN or Inf loss encountered at batch 7. Loss value: nan. Terminating training immediately.",
      RuntimeError);
}
