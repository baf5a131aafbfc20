#include <tests/train/scripted.hpp>

using namespace banach;
using namespace banach::testing;
using callbacks::LearningRateScheduler;
using doctest::Contains;

TEST_CASE("LearningRateScheduler does what Keras' does, with or without the learning rate") {
  for (const Json& c : scripted_cases("learning_rate_scheduler")) {
    const std::string name = c.at("schedule").as_string();
    INFO(name);
    LearningRateScheduler decay(
        [](std::int64_t epoch, double rate) { return epoch < 2 ? rate : rate * 0.9; },
        {.verbose = 1});
    LearningRateScheduler inverse(
        [](std::int64_t epoch) { return 0.1 / static_cast<double>(epoch + 1); }, {.verbose = 1});
    check_script(name == "decay" ? decay : inverse, c);
  }
}

TEST_CASE("a schedule is told of the rate as the optimizer keeps it, from the first epoch on") {
  Sequential model({layers::Input({1}), layers::Dense(1)});
  model.compile({.loss = "mse", .optimizer = optimizers::SGD(0.1)});
  std::vector<double> rates;
  const Array x({8, 1});
  model.fit(x, x,
            {.epochs = 2,
             .verbose = 0,
             .callbacks = {LearningRateScheduler([&](std::int64_t, double rate) {
               rates.push_back(rate);
               return rate;
             })}});
  CHECK(rates == std::vector<double>(2, 0.1F));
}

TEST_CASE("LearningRateScheduler refuses an empty function, and rates that are none") {
  CHECK_THROWS_WITH_AS(LearningRateScheduler(LearningRateScheduler::Schedule()),
                       Contains("empty function"), InvalidArgument);
  Sequential model = scripted_model();
  const Array x({8, 1});
  const LearningRateScheduler callback([](std::int64_t) { return -1.0; });
  CHECK_THROWS_WITH_AS(model.fit(x, x, {.verbose = 0, .callbacks = {callback}}),
                       Contains("learning_rate must be a finite number >= 0, received -1"),
                       InvalidArgument);
}
