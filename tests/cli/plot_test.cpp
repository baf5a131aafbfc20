#include <banach/formats/csv.hpp>
#include <banach/formats/file.hpp>
#include <tests/cli/process.hpp>
#include <tests/cli/samples.hpp>
#include <tests/support/picture.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <filesystem>

using namespace banach;
using namespace banach::testing;

namespace {

Finished draw(const SampleFolder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "plot");
  return run(arguments, {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}});
}

}  // namespace

TEST_CASE("the curves of activations by name") {
  const SampleFolder folder;
  const Finished result =
      draw(folder, {"activation", "selu", "tanh", "--range", "-3", "3", "--output", "curves.csv"});
  CHECK(result.code == 0);
  CHECK(result.out == "curves.csv\n");
  const formats::CsvTable table = formats::load_csv(folder / "curves.csv");
  REQUIRE(table.columns.size() == 3);
  CHECK(table.columns[0].numbers.front() == -3);
  CHECK(table.columns[1].name == "selu");
  CHECK(table.columns[1].numbers.back() == doctest::Approx(3 * snn::kSeluScale));
  CHECK(table.columns[2].numbers.front() == doctest::Approx(std::tanh(-3.)).epsilon(1e-5));
}

TEST_CASE("the history that a training wrote") {
  const SampleFolder folder;
  REQUIRE(run({"train", "mnist-mlp", "--data", "dataset:mnist", "--epochs", "2", "--csv",
               folder / "log.csv"},
              {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}})
              .code == 0);
  CHECK(draw(folder, {"history", "log.csv", "--output", "history.csv"}).code == 0);
  const formats::CsvTable log = formats::load_csv(folder / "log.csv");
  const formats::CsvTable drawn = formats::load_csv(folder / "history.csv");
  CHECK(drawn.rows == 2);
  CHECK(drawn.columns.at(0).numbers.at(0) == 1);
  for (const formats::CsvColumn& column : drawn.columns) {
    if (column.name != "loss") continue;
    for (const formats::CsvColumn& logged : log.columns) {
      if (logged.name == "loss") {
        CHECK(column.numbers[1] == doctest::Approx(logged.numbers[1]).epsilon(1e-5));
      }
    }
  }
}

TEST_CASE("digits with predictions, activations and a model are drawn") {
  const SampleFolder folder;
  folder.model();
  const auto draws = [&](std::vector<std::string> arguments, const std::string& text) {
    arguments.insert(arguments.end(), {"--title", "A title", "--output", "picture.svg"});
    const Finished result = draw(folder, arguments);
    INFO(result.err);
    if (!has_gnuplot()) {
      CHECK(result.code == 69);
      return;
    }
    CHECK(result.code == 0);
    const formats::Bytes bytes = formats::read_file(folder / "picture.svg");
    const std::string svg(formats::as_text(bytes));
    CHECK(is_well_formed(svg));
    CHECK(svg.find(text) != std::string::npos);
  };
  draws({"images", "dataset:mnist[0:3]"}, ">2<");
  draws({"images", "dataset:mnist[0:3]", "--model", "model.keras"}, " %)");
  draws({"activations", "model.keras", "--data", "dataset:mnist"}, "dense");
  draws({"fixed-point", "--tau", "1.05"}, "A title");
}

TEST_CASE("without gnuplot the error names the package, and the numbers are there") {
  const SampleFolder folder;
  const Finished result = run({"plot", "fixed-point"}, {folder.path(), {{"PATH", ""}}});
  CHECK(result.code == 69);
  CHECK(result.err.find("gnuplot-nox") != std::string::npos);
  CHECK(std::filesystem::exists(folder / "fixed_point.field.csv"));
  CHECK_FALSE(std::filesystem::exists(folder / "fixed_point.svg"));
}

TEST_CASE("what cannot be drawn is said") {
  const SampleFolder folder;
  CHECK(draw(folder, {}).code == 64);
  CHECK(draw(folder, {"activation", "softmax"}).code == 64);
  CHECK(draw(folder, {"activation", "slu", "--output", "a.csv"}).code == 65);
  CHECK(draw(folder, {"activation", "selu", "--output", "a.pdf"}).code == 64);
  CHECK(draw(folder, {"history", "gone.csv"}).code == 66);
  CHECK(draw(folder, {"model", "gone.keras"}).code == 66);
  CHECK(draw(folder, {"model", "mnist-mlp", "--output", "m.csv"}).code == 69);
  CHECK(draw(folder, {"fixed-point", "--mean", "1", "0", "--output", "f.csv"}).code == 65);
}
