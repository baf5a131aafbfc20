#include <banach/formats/json.hpp>
#include <tests/cli/process.hpp>
#include <tests/support/temp_dir.hpp>

#include <doctest/doctest.h>

using namespace banach;
using banach::testing::run;

namespace {

const std::string kModel = BANACH_GOLDEN_DIR "/keras_small.keras";

}  // namespace

TEST_CASE("export writes what inspect reads" * doctest::skip(!BANACH_TEST_ONNX)) {
  const testing::TempDir folder;
  const auto result = run({"export", kModel, folder / "a.onnx", "--opset", "14"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.out.find("opset 14") != std::string::npos);
  const Json json =
      formats::parse_json(run({"inspect", folder / "a.onnx", "--json"}).out, "stdout");
  CHECK(json.at("format").as_string() == "onnx");
  CHECK(json.at("opsets").at("ai.onnx").as_int() == 14);
  CHECK(json.at("inputs").as_list()[0].at("shape").as_list()[0].as_string() == "batch");
  CHECK(json.at("nodes").at("Conv").as_int() == 1);
  CHECK(run({"convert", kModel, folder / "b.onnx"}).code == 0);
}

TEST_CASE("export names the packages where ONNX is not built" * doctest::skip(BANACH_TEST_ONNX)) {
  const testing::TempDir folder;
  const auto result = run({"export", kModel, folder / "a.onnx"});
  CHECK(result.code == 69);
  CHECK(result.err.find("libonnx-dev") != std::string::npos);
  CHECK(folder.entries() == 0);
}

TEST_CASE(
    "export refuses another suffix, an opset that it has not, and a model that there is not") {
  const testing::TempDir folder;
  const auto suffix = run({"export", kModel, folder / "a.h5"});
  CHECK(suffix.code == 64);
  CHECK(suffix.err.find("ends in .onnx") != std::string::npos);
  CHECK(run({"export", kModel, folder / "a.onnx", "--opset", "9"}).code == 64);
  CHECK(run({"export", folder / "none.h5", folder / "a.onnx"}).code == 66);
  CHECK(folder.entries() == 0);
}
