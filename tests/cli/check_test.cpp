#include <banach/formats/file.hpp>
#include <banach/formats/json.hpp>
#include <banach/io/saving.hpp>
#include <banach/models/snn_check.hpp>
#include <tests/cli/process.hpp>
#include <tests/cli/samples.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::testing;

namespace {

// Glorot's weights and plain Dropout: two warnings.
constexpr const char* kWrong = R"({"input_shape": [28, 28, 1],
  "layers": ["Flatten", {"Dense": {"units": 16, "activation": "selu", "name": "hidden"}},
             {"Dropout": {"rate": 0.5, "name": "drop"}}, {"Dense": {"units": 10}}]})";

}  // namespace

TEST_CASE("check prints what snn::check finds, of architectures, files and data") {
  const SampleFolder folder;
  const ProcessOptions options{folder.path(), {{"BANACH_DATA_DIR", folder.path()}}};
  const Finished built_in = run({"check", "mnist-selu"});
  CHECK(built_in.code == 0);
  CHECK(
      built_in.out.starts_with("Self-normalization of 'mnist_selu': 0 warnings, 1 note\n"
                               "note: alpha_dropout: a rate of 0.25"));
  CHECK(built_in.err.empty());

  const std::string path = folder.model();
  const auto model = saving::load_model(path);
  CHECK(run({"check", path}).out == snn::check(*model).str());
  const auto [train, test] = datasets::mnist::load_data({.directory = folder.path()});
  const Array x = test.first.reshape({40, 28, 28, 1}).astype(float32) / 255;
  const Finished measured = run({"check", path, "--data", "dataset:mnist"}, options);
  CHECK(measured.out == snn::check(*model, x).str());
  CHECK(measured.out.find("note: ") != std::string::npos);
  CHECK(measured.out.find("the data has mean") != std::string::npos);
}

TEST_CASE("check --strict ends with 65 after warnings, but not after notes") {
  const SampleFolder folder;
  formats::write_file_atomic(folder / "wrong.json", formats::as_bytes(std::string_view(kWrong)));
  const std::string wrong = folder / "wrong.json";
  const Finished plain = run({"check", wrong});
  CHECK(plain.code == 0);
  CHECK(plain.out.find("warning: hidden: selu needs initial weights") != std::string::npos);
  CHECK(plain.out.find("warning: drop: Dropout behind 'hidden'") != std::string::npos);
  const Finished strict = run({"check", wrong, "--strict"});
  CHECK(strict.code == 65);
  CHECK(strict.out.find(": 2 warnings, 0 notes\n") != std::string::npos);
  CHECK(run({"check", "mnist-selu", "--strict"}).code == 0);
  const Finished json = run({"check", wrong, "--strict", "--json"});
  CHECK(json.code == 65);
  const Json report = formats::parse_json(json.out, "stdout");
  CHECK(report.at("warnings").as_int() == 2);
  CHECK(report.at("findings").as_list()[0].at("layer").as_string() == "hidden");
  CHECK(report.at("layers").as_list()[2].at("weights").at("units").as_int() == 16);
}

TEST_CASE("check says when there is nothing to check, and what it cannot use") {
  const SampleFolder folder;
  constexpr std::string_view kRelu =
      R"({"input_shape": [4], "layers": [{"Dense": {"units": 2, "activation": "relu"}}]})";
  formats::write_file_atomic(folder / "relu.json", formats::as_bytes(kRelu));
  const Finished nothing = run({"check", folder / "relu.json", "--strict"});
  CHECK(nothing.code == 0);
  CHECK(nothing.out.find("nothing to check\n") != std::string::npos);
  CHECK(run({"check", folder / "none.keras"}).code == 66);
  CHECK(run({"check", folder / "relu.json", "--data", folder / "mnist.npz"}).code == 65);
}
