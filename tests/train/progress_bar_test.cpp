#include <banach/train/progress_bar.hpp>

#include "../support/environment.hpp"
#include "../support/golden.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <sstream>

using namespace banach;
using namespace banach::testing;

namespace {

const char* const kMetrics[] = {"loss", "accuracy", "val_loss", "val_accuracy"};
constexpr ProgressStyle kStyles[] = {ProgressStyle::keras3, ProgressStyle::tf2};

std::string name_of(ProgressStyle style) {
  return style == ProgressStyle::keras3 ? "keras3" : "tf2";
}

/// A place to write to and a clock to set.
struct Screen {
  std::string text;
  int writes = 0;
  double time = 1000;

  ProgressBarOptions connect(ProgressBarOptions options) {
    options.write = [this](std::string_view part) {
      text += part;
      ++writes;
    };
    options.now = [this] { return time; };
    return options;
  }
};

/// Row `row` of an array with kMetrics in its columns, as fit hands it to a bar of that style.
MetricValues metrics(ProgressStyle style, const Array& rows, std::int64_t row, std::int64_t count) {
  MetricValues values;
  for (std::int64_t i = 0; i < count; ++i) values.emplace_back(kMetrics[i], rows.at({row, i}));
  if (style == ProgressStyle::keras3) std::sort(values.begin(), values.end());
  return values;
}

const Array& scenario_array(int scenario, const std::string& key) {
  return golden("progbar.npz", "s" + std::to_string(scenario) + "/" + key);
}

std::string run_scenario(ProgressStyle style, int scenario) {
  const auto value = [&](const char* key, int i) { return scenario_array(scenario, key).flat(i); };
  const auto target = static_cast<std::int64_t>(value("target", 0));
  const bool late = value("late_target", 0) != 0;
  Screen screen;
  screen.time = value("clock", 0);
  ProgressBar bar(screen.connect({.target = late ? 0 : target,
                                  .verbose = static_cast<int>(value("verbose", 0)),
                                  .style = style,
                                  .terminal = true}));
  for (int row = 0; row < scenario_array(scenario, "current").size(); ++row) {
    const double finalize = value("finalize", row);
    if (late && finalize == 1) bar.set_target(target);
    screen.time = value("clock", row + 1);
    bar.update(static_cast<std::int64_t>(value("current", row)),
               metrics(style, scenario_array(scenario, "values"), row,
                       static_cast<std::int64_t>(value("count", row))),
               finalize < 0 ? std::nullopt : std::optional<bool>(finalize == 1));
  }
  return screen.text;
}

/// What fit writes for the data of progress.npz: 2 epochs of 3 steps with validation.
std::string run_fit(ProgressStyle style, int verbose, bool terminal) {
  const Array& batches = golden("progress.npz", name_of(style) + "_batch");
  const Array& epochs = golden("progress.npz", name_of(style) + "_epoch");
  const double tick = golden("progress.npz", "clock_step").flat(0);
  Screen screen;
  for (int epoch = 0; epoch < 2; ++epoch) {
    screen.text += epoch_header(epoch, 2);
    ProgressBarOptions options =
        screen.connect({.target = 3, .verbose = verbose, .style = style, .terminal = terminal});
    options.now = [&] { return screen.time += tick; };
    ProgressBar bar(options);
    for (int step = 0; step < 3 && verbose == 1; ++step) {
      bar.update(step + 1, metrics(style, batches[epoch], step, 2), false);
    }
    bar.update(3, metrics(style, epochs, epoch, 4), true);
  }
  return screen.text;
}

}  // namespace

TEST_CASE("ProgressBar writes the bytes that Keras' Progbar writes") {
  const auto scenarios = static_cast<int>(golden("progbar.npz", "scenarios").flat(0));
  for (const ProgressStyle style : kStyles) {
    std::istringstream expected(golden_text("progbar_" + name_of(style) + ".bin"));
    for (int i = 0; i < scenarios; ++i) {
      CAPTURE(name_of(style));
      CAPTURE(i);
      std::string text;
      std::getline(expected, text, '\0');
      CHECK(run_scenario(style, i) == text);
    }
  }
}

TEST_CASE("ProgressBar and epoch_header write what fit prints") {
  for (const ProgressStyle style : kStyles) {
    const std::string file = "progress_" + name_of(style);
    CHECK(run_fit(style, 1, true) == golden_text(file + ".txt"));
    CHECK(run_fit(style, 2, true) == golden_text(file + "_verbose2.txt"));
    CHECK(run_fit(style, 2, false) == golden_text(file + "_verbose2.txt"));
  }
  CHECK(epoch_header(0, 1).empty());
}

TEST_CASE("ProgressBar writes one plain line an epoch into a file") {
  CHECK(run_fit(ProgressStyle::tf2, 1, false) ==
        "Epoch 1/2\n"
        "3/3 [==============================] - 0s 188ms/step - loss: 1.2364 - accuracy: 0.3542"
        " - val_loss: 1.0692 - val_accuracy: 0.3333\n"
        "Epoch 2/2\n"
        "3/3 [==============================] - 0s 188ms/step - loss: 0.9321 - accuracy: 0.5833"
        " - val_loss: 0.7745 - val_accuracy: 0.5000\n");
  CHECK(run_fit(ProgressStyle::keras3, 1, false) ==
        "Epoch 1/2\n"
        "3/3 ━━━━━━━━━━━━━━━━━━━━ 0s 188ms/step - accuracy: 0.3542 - loss: 1.2364"
        " - val_accuracy: 0.3333 - val_loss: 1.0692\n"
        "Epoch 2/2\n"
        "3/3 ━━━━━━━━━━━━━━━━━━━━ 0s 188ms/step - accuracy: 0.5833 - loss: 0.9321"
        " - val_accuracy: 0.5000 - val_loss: 0.7745\n");
}

TEST_CASE("ProgressBar without UTF-8 differs in the cells only") {
  std::string texts[2];
  for (const bool ascii : {false, true}) {
    Screen screen;
    ProgressBar bar(screen.connect({.target = 3, .terminal = true, .ascii = ascii}));
    for (int step = 1; step <= 3; ++step) {
      screen.time += 1;
      bar.update(step, {{"loss", 1.0 / step}});
    }
    texts[ascii] = screen.text;
  }
  for (std::size_t at; (at = texts[0].find("━")) != std::string::npos;) {
    texts[0].replace(at, 3, "=");
  }
  CHECK(texts[0] == texts[1]);
}

TEST_CASE("ProgressBar shows an update after 0.05 s or at the end, in one write") {
  Screen screen;
  ProgressBar bar(screen.connect({.target = 100, .terminal = true}));
  bar.update(1);
  CHECK(screen.writes == 1);
  screen.time += 0.03;
  bar.update(2, {{"loss", 1.0}});
  CHECK(screen.writes == 1);
  screen.time += 0.03;
  bar.update(3);  // the loss of the hidden update is shown now
  CHECK(screen.writes == 2);
  CHECK(screen.text.find("loss: 1.0000") != std::string::npos);
  bar.update(100);
  CHECK(screen.writes == 3);
  CHECK(screen.text.back() == '\n');
}

TEST_CASE("ProgressBar is silent with verbose 0, and prints no sign before nan") {
  Screen screen;
  ProgressBar silent(screen.connect({.target = 1, .verbose = 0, .terminal = true}));
  silent.update(1);
  CHECK(screen.writes == 0);
  ProgressBar bar(screen.connect({.target = 1}));
  bar.update(1, {{"loss", std::copysign(std::nan(""), -1.0)}});
  CHECK(screen.text.find("loss: nan") != std::string::npos);
}

TEST_CASE("locale_is_utf8 asks LC_ALL, LC_CTYPE and LANG in this order") {
  const auto is_utf8 = [](const char* all, const char* ctype, const char* lang) {
    const EnvironmentVariable variables[] = {{"LC_ALL", all}, {"LC_CTYPE", ctype}, {"LANG", lang}};
    return locale_is_utf8();
  };
  CHECK(is_utf8("", "", "en_US.UTF-8"));
  CHECK(is_utf8("", "C.utf8", "C"));
  CHECK(!is_utf8("C", "", "en_US.UTF-8"));
  CHECK(!is_utf8("", "de_DE.ISO-8859-1", "de_DE.UTF-8"));
  CHECK(!is_utf8("", "", ""));
}
