#include <banach/formats/file.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/train/scripted.hpp>

#include <algorithm>

using namespace banach;
using namespace banach::testing;
using callbacks::CSVLogger;
using callbacks::CSVLoggerOptions;
using doctest::Contains;

namespace {

std::string text_of(const std::string& path) {
  const formats::Bytes bytes = formats::read_file(path);
  return std::string(formats::as_text(bytes));
}

}  // namespace

TEST_CASE("CSVLogger writes the bytes that Keras' writes") {
  for (const Json& c : scripted_cases("csv_logger")) {
    CSVLoggerOptions o;
    Fields(c.at("options"), "options")("separator", o.separator)("append", o.append);
    INFO(formats::format_json(c.at("options")));
    const TempDir dir;
    formats::write_file_atomic(dir / "log.csv", formats::as_bytes(c.at("before").as_string()));
    CSVLogger callback(dir / "log.csv", o);
    check_script(callback, c);
    CHECK(text_of(dir / "log.csv") == c.at("text").as_string());
  }
}

TEST_CASE("CSVLogger's lines are in the file when an epoch has ended, a callback's values too") {
  const TempDir dir;
  Sequential model = scripted_model();
  std::vector<std::string> texts;
  const Array x({8, 1});
  const callbacks::LambdaCallback reader(
      {.on_epoch_end = [&](std::int64_t, Logs&) { texts.push_back(text_of(dir / "log.csv")); }});
  const callbacks::LearningRateScheduler scheduler([](std::int64_t) { return 0.5; });
  const Callbacks told = {scheduler, CSVLogger(dir / "log.csv"), reader};
  model.fit(x, x, {.epochs = 2, .verbose = 0, .callbacks = told, .validation_split = 0.5});
  REQUIRE(texts.size() == 2);
  CHECK(
      texts[0].starts_with("epoch,accuracy,learning_rate,loss,mae,val_accuracy,val_loss,val_mae"));
  CHECK(std::ranges::count(texts[1], '\n') == 3);
}

TEST_CASE("CSVLogger refuses a file that cannot be written before the first step") {
  const TempDir dir;
  Sequential model = scripted_model();
  const std::vector<Array> before = model.get_weights();
  const Array x = Array::full({8, 1}, 1);
  const auto fit = [&](const std::string& path) {
    model.fit(x, x, {.verbose = 0, .callbacks = {CSVLogger(path)}});
  };
  CHECK_THROWS_WITH_AS(fit(dir / "none/log.csv"), Contains("none/log.csv'"), IOError);
  CHECK_THROWS_WITH_AS(fit(dir.path().string()), Contains("cannot write"), IOError);
  CHECK_THROWS_WITH_AS(fit("/dev/null"), Contains("expected a regular file"), IOError);
  CHECK(model.get_weights()[0].flat(0) == before[0].flat(0));
  CHECK_THROWS_WITH_AS(CSVLogger("a.csv", {.separator = "::"}),
                       Contains("separator must be one character"), InvalidArgument);
}
