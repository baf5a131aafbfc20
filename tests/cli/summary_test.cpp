#include <banach/formats/json.hpp>
#include <banach/io/saving.hpp>
#include <tests/cli/process.hpp>
#include <tests/support/temp_dir.hpp>

#include <doctest/doctest.h>

using namespace banach;
using banach::testing::run;

namespace {

const std::string kModel = BANACH_GOLDEN_DIR "/keras_small.keras";

}  // namespace

TEST_CASE("summary prints what model.summary() prints, in both styles and any width") {
  const auto model = saving::load_model(kModel);
  CHECK(run({"summary", kModel}).out == model->summary_text());
  CHECK(run({"summary", kModel, "--style", "keras3", "--line-length", "90"}).out ==
        model->summary_text({.line_length = 90, .style = SummaryStyle::keras3}));
  CHECK(run({"summary", kModel, "--expand-snn"}).out == model->summary_text({.expand_snn = true}));
  CHECK(run({"summary", "mnist-mlp"}).out.find("mnist_mlp") != std::string::npos);
}

TEST_CASE("summary --json has a row for each layer, and the totals") {
  const auto result = run({"summary", "mnist-selu", "--json"});
  const Json json = formats::parse_json(result.out, "stdout");
  const Json::List& layers = json.at("layers").as_list();
  REQUIRE(layers.size() == 5);
  CHECK(layers[0].at("class").as_string() == "Conv2D");
  CHECK(layers[0].at("output_shape") == Json::list({Json(), 26, 26, 32}));
  CHECK(layers[0].at("parameters").as_int() == 320);
  CHECK(json.at("parameters").as_int() == 5'541'258 - 320);
  CHECK(json.at("non_trainable_parameters").as_int() == 0);
}

TEST_CASE("summary says what is wrong with MODEL and its options") {
  const testing::TempDir folder;
  const auto missing = run({"summary", folder / "none.keras"});
  CHECK(missing.code == 66);
  CHECK(missing.err.find("none.keras") != std::string::npos);
  CHECK(run({"summary", "mnist-sleu"}).err.find("Did you mean 'mnist-selu'?") != std::string::npos);
  CHECK(run({"summary", folder / "model.txt"}).code == 64);
  CHECK(run({"summary", kModel, "--style", "keras2"}).code == 64);
  CHECK(run({"summary", kModel, "--line-length", "5"}).code == 65);
}
