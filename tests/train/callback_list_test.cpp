#include <tests/support/temp_dir.hpp>
#include <tests/train/scripted.hpp>

#include <regex>

using namespace banach;
using namespace banach::testing;
using namespace banach::callbacks;

// With # for times and for what depends on the initial weights.
TEST_CASE("callbacks and the progress bar print in Keras' order") {
  static const Json all = formats::parse_json(golden_text("callbacks.json"), "callbacks.json");
  const TempDir dir;
  const std::string folder = dir.path().string();
  Sequential model = scripted_model();
  const Callbacks told = {
      LearningRateScheduler([](std::int64_t) { return 0.25; }, {.verbose = 1}),
      ReduceLROnPlateau(
          {.monitor = "loss", .factor = 0.5, .patience = 1, .verbose = 1, .min_delta = 100}),
      ModelCheckpoint(folder + "/{epoch}.keras", {.verbose = 1}),
      EarlyStopping({.monitor = "loss",
                     .min_delta = 100,
                     .patience = 2,
                     .verbose = 1,
                     .restore_best_weights = true})};
  const Array x({8, 1});
  std::string text;
  {
    const CapturedOutput output;
    model.fit(x, x,
              {.batch_size = 4,
               .epochs = 5,
               .verbose = 2,
               .callbacks = told,
               .validation_split = 0.5,
               .progress = ProgressStyle::keras3});
    text = output.text();
  }
  text = std::regex_replace(text, std::regex(R"( - \d+s - \d+[mu]?s/step)"), " - #");
  text = std::regex_replace(text, std::regex(R"((accuracy|loss|mae): [-+.\de]+)"), "$1: #");
  CHECK(replaced(text, folder, "DIR") == all.at("output").as_string());
}

TEST_CASE("a callback that is null is refused") {
  Sequential model = scripted_model();
  const Array x({8, 1});
  const std::shared_ptr<Callback> none;
  CHECK_THROWS_WITH_AS(model.fit(x, x, {.verbose = 0, .callbacks = {none}}),
                       "[callbacks] a callback is null", InvalidArgument);
}
