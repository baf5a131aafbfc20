// The lines below "Examples:" of every command's help, run as a reader would run them.
#include <banach/formats/npz.hpp>
#include <banach/formats/png.hpp>
#include <banach/io/saving.hpp>
#include <tests/cli/process.hpp>
#include <tests/support/picture.hpp>
#include <tests/support/temp_dir.hpp>

#include <algorithm>
#include <chrono>
#include <doctest/doctest.h>
#include <sstream>
#include <thread>
#include <utility>

using namespace banach;
using banach::testing::run;
using banach::testing::TempDir;

namespace {

using Words = std::vector<std::string>;

constexpr int kTrainSamples = 600, kTestSamples = 100;

// The lines of `text` that follow the line `title` and are indented, up to the first that is not.
Words lines_below(const std::string& text, const std::string& title) {
  std::istringstream stream(text);
  Words lines;
  bool is_below = false;
  for (std::string line; std::getline(stream, line);) {
    if (is_below && !line.starts_with("  ")) return lines;
    if (is_below) lines.push_back(line.substr(2));
    is_below = is_below || line == title;
  }
  return lines;
}

std::string first_word(const std::string& line) { return line.substr(0, line.find(' ')); }

// The words of an example as a shell has them; two spaces begin its explanation.
Words split(const std::string& example) {
  Words words;
  std::string word;
  bool is_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < example.size(); ++i) {
    const char c = example[i];
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      is_word = true;
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && c == ' ') {
      if (is_word) words.push_back(std::exchange(word, ""));
      is_word = false;
      if (i + 1 < example.size() && example[i + 1] == ' ') return words;
    } else {
      word += c;
      is_word = true;
    }
  }
  if (is_word) words.push_back(word);
  return words;
}

Array digits(std::int64_t count) {
  Array images({count, 28, 28}, uint8);
  auto pixels = images.mutable_values<std::uint8_t>();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(i * i / 7);
  }
  return images;
}

Array labels(std::int64_t count) {
  Array result({count}, uint8);
  auto values = result.mutable_values<std::uint8_t>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i % 10);
  return result;
}

constexpr const char* kNet = R"({"input_shape": [28, 28, 1],
  "layers": ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}],
  "loss": "categorical_crossentropy", "optimizer": "adam", "metrics": ["accuracy"]})";

// What examples name: a model for digits in model.keras, model.h5 and net.json, vectors.npz with
// its outputs, digits in data.npz and three.png, a training's log.csv, and, in a folder of data
// sets, a small mnist.
void prepare(const TempDir& folder) {
  REQUIRE(run({"convert", "mnist-mlp", folder / "model.keras"}).code == 0);
  REQUIRE(run({"convert", "mnist-mlp", folder / "model.h5"}).code == 0);
  const auto model = saving::load_model(folder / "model.keras");
  const Array x = digits(5).astype(float32).reshape({5, 28, 28, 1}) / 255;
  formats::save_npz(folder / "vectors.npz", {{"x", x}, {"y", model->predict(x)}});
  formats::save_npz(folder / "data.npz",
                    {{"x", digits(kTestSamples)}, {"y", labels(kTestSamples)}});
  formats::save_png(folder / "three.png", digits(4)[3]);
  formats::write_file_atomic(folder / "net.json", formats::as_bytes(kNet));
  formats::write_file_atomic(folder / "log.csv", formats::as_bytes("epoch,loss\r\n0,2\r\n1,1\r\n"));
  std::filesystem::create_directory(folder / "data");
  formats::save_npz(folder / "data/mnist.npz", {{"x_train", digits(kTrainSamples)},
                                                {"y_train", labels(kTrainSamples)},
                                                {"x_test", digits(kTestSamples)},
                                                {"y_test", labels(kTestSamples)}});
}

// `banach bench` measures for more than a minute: its title and first two cases will do.
void check_begins(const Words& words, const testing::ProcessOptions& options) {
  const testing::Process process(words, options);
  constexpr int kLines = 3, kTries = 600;
  std::string out;
  for (int i = 0; i < kTries && std::ranges::count(out, '\n') < kLines; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    out = process.out();
  }
  CHECK(std::ranges::count(out, '\n') >= kLines);
  CHECK(process.err().empty());
}

void check_ends(const Words& words, const testing::ProcessOptions& options) {
  const auto result = run(words, options);
  INFO(result.err);
  CHECK(result.code == 0);
}

bool needs_onnx(const std::string& example) {
  return example.find(".onnx") != std::string::npos && !BANACH_TEST_ONNX;
}

bool needs_gnuplot(const std::string& example) {
  const bool draws =
      example.starts_with("banach plot") || example.find("--pictures") != example.npos;
  return draws && !testing::has_gnuplot();
}

}  // namespace

TEST_CASE("every example of every command's help runs") {
  const TempDir folder;
  prepare(folder);
  const testing::ProcessOptions options{
      folder.path().string(),
      {{"BANACH_DATA_DIR", folder / "data"}, {"XDG_CACHE_HOME", folder / "cache"}}};
  const Words commands = lines_below(run({"--help"}).out, "Subcommands:");
  CHECK(commands.size() >= 7);
  for (const std::string& command : commands) {
    const Words examples = lines_below(run({first_word(command), "--help"}).out, "Examples:");
    INFO(command);
    CHECK_FALSE(examples.empty());
    for (const std::string& example : examples) {
      INFO(example);
      Words words = split(example);
      REQUIRE(words.size() > 1);
      CHECK(words.front() == "banach");
      CHECK(words.at(1) == first_word(command));
      words.erase(words.begin());
      if (needs_onnx(example) || needs_gnuplot(example)) continue;
      words == Words{"bench"} ? check_begins(words, options) : check_ends(words, options);
    }
  }
}
