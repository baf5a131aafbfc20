#include <banach/formats/json.hpp>
#include <banach/formats/npz.hpp>
#include <banach/io/saving.hpp>
#include <tests/cli/process.hpp>
#include <tests/support/temp_dir.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace banach;
using banach::testing::run;

namespace {

const std::string kModel = BANACH_GOLDEN_DIR "/tf2_v3.keras";
const std::string kVectors = BANACH_GOLDEN_DIR "/tf2_v3.npz";  // x, and Keras' y

}  // namespace

TEST_CASE("verify agrees with what Keras computed, and says how far off it is") {
  const auto result = run({"verify", kModel, kVectors});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.out.find("it carries no self-test") != std::string::npos);
  CHECK(result.out.find("largest difference ") != std::string::npos);
  const Json json = formats::parse_json(run({"verify", kModel, kVectors, "--json"}).out, "stdout");
  const Json& output = json.at("outputs").as_list().at(0);
  CHECK(output.at("difference").as_double() < 1e-5);
  CHECK(json.at("self_test").is_null());
}

TEST_CASE("verify says whether a file's self-test passed") {
  const testing::TempDir folder;
  for (const char* name : {"a.keras", "a.h5"}) {
    CHECK(run({"convert", kModel, folder / name}).code == 0);
    const auto result = run({"verify", folder / name});
    CHECK(result.code == 0);
    CHECK(result.out.find("its self-test passed") != std::string::npos);
  }
}

TEST_CASE("verify ends with 65 for another output, and names sample, expected and received") {
  const testing::TempDir folder;
  auto arrays = formats::load_npz(kVectors);
  arrays.at("y").mutable_values<float>()[7] += 0.25f;  // of three outputs each
  formats::save_npz(folder / "v.npz", arrays);
  const auto result = run({"verify", kModel, folder / "v.npz"});
  CHECK(result.code == 65);
  CHECK(result.err.find("v.npz: sample 2: ") != std::string::npos);
  CHECK(result.err.find("[2, 1] expected ") != std::string::npos);
  CHECK(run({"verify", kModel, folder / "v.npz", "--tolerance", "0.3"}).code == 0);
  arrays.at("y").mutable_values<float>()[0] = NAN;
  formats::save_npz(folder / "v.npz", arrays);
  CHECK(run({"verify", kModel, folder / "v.npz", "--tolerance", "0.3", "--json"}).code == 65);
}

TEST_CASE("verify takes numbered arrays and those with the names of inputs and outputs") {
  const testing::TempDir folder;
  const auto arrays = formats::load_npz(kVectors);
  const auto model = saving::load_model(kModel);
  formats::save_npz(folder / "v.npz", {{"x0", arrays.at("x")}, {"y0", arrays.at("y")}});
  CHECK(run({"verify", kModel, folder / "v.npz"}).code == 0);
  formats::save_npz(folder / "v.npz", {{model->input_names()[0], arrays.at("x")},
                                       {model->output_names()[0], arrays.at("y")}});
  CHECK(run({"verify", kModel, folder / "v.npz"}).code == 0);
}

TEST_CASE("verify says what vectors it expects") {
  const testing::TempDir folder;
  const auto arrays = formats::load_npz(kVectors);
  formats::save_npz(folder / "v.npz", {{"x", arrays.at("x")}, {"z", arrays.at("y")}});
  const auto missing = run({"verify", kModel, folder / "v.npz"});
  CHECK(missing.code == 65);
  CHECK(missing.err.find("expected an array called y or y0 or ") != std::string::npos);
  CHECK(missing.err.find("received x, z") != std::string::npos);
  formats::save_npz(folder / "v.npz", {{"x", arrays.at("x")}, {"y", arrays.at("y").slice(0, 9)}});
  CHECK(run({"verify", kModel, folder / "v.npz"}).code == 65);
  CHECK(run({"verify", kModel, folder / "none.npz"}).code == 66);
  CHECK(run({"verify", "mnist-selu"}).code == 64);
}

TEST_CASE("verify of a damaged file ends with 65 and names it") {
  const testing::TempDir folder;
  CHECK(run({"convert", kModel, folder / "a.keras"}).code == 0);
  formats::Bytes bytes = formats::read_file(folder / "a.keras");
  bytes[bytes.size() / 2] ^= std::byte{4};
  formats::write_file_atomic(folder / "a.keras", bytes);
  const auto result = run({"verify", folder / "a.keras"});
  CHECK(result.code == 65);
  CHECK(result.err.find("a.keras") != std::string::npos);
}
