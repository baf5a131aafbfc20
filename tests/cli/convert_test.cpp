#include <banach/core/errors.hpp>
#include <banach/formats/file.hpp>
#include <banach/formats/json.hpp>
#include <banach/io/saving.hpp>
#include <banach/models/architecture.hpp>
#include <tests/cli/process.hpp>
#include <tests/support/temp_dir.hpp>

#include <doctest/doctest.h>

using namespace banach;
using banach::testing::run;

namespace {

const std::string kModel = BANACH_GOLDEN_DIR "/keras_small.keras";

void check_same_weights(const Model& a, const Model& b) {
  const auto first = a.get_weights(), second = b.get_weights();
  REQUIRE(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(max_abs_difference(first[i], second[i]) == 0);
  }
}

std::vector<Array> optimizer_state(const Model& model) {
  std::vector<Array> values;
  for (const Variable& variable : model.optimizer().variables()) values.push_back(variable.value());
  return values;
}

}  // namespace

TEST_CASE(
    "convert carries weights, compile() and the optimizer's state from .keras to .h5 and back") {
  const testing::TempDir folder;
  const auto there = run({"convert", kModel, folder / "a.h5"});
  INFO(there.err);
  CHECK(there.code == 0);
  CHECK(there.out.find("a.h5: the model, ") != std::string::npos);
  CHECK(run({"convert", folder / "a.h5", folder / "b.keras"}).code == 0);
  const auto before = saving::load_model(kModel), after = saving::load_model(folder / "b.keras");
  check_same_weights(*before, *after);
  const auto was = optimizer_state(*before), is = optimizer_state(*after);
  REQUIRE(was.size() > 2);
  REQUIRE(is.size() == was.size());
  for (std::size_t i = 0; i < was.size(); ++i) CHECK(max_abs_difference(was[i], is[i]) == 0);
}

TEST_CASE("convert --no-optimizer leaves out compile()") {
  const testing::TempDir folder;
  for (const char* name : {"a.keras", "a.h5"}) {
    CHECK(run({"convert", kModel, folder / name, "--no-optimizer"}).code == 0);
    CHECK_FALSE(saving::load_model(folder / name)->is_compiled());
  }
}

TEST_CASE("convert writes the weights alone, by suffix") {
  const testing::TempDir folder;
  const auto model = saving::load_model(kModel);
  for (const char* name : {"w.weights.h5", "w.npz", "w.safetensors"}) {
    CHECK(run({"convert", kModel, folder / name}).code == 0);
    const auto other = saving::load_model(kModel);
    for (Variable& weight : other->weights()) weight.assign(Array(weight.shape(), weight.dtype()));
    other->load_weights(folder / name);
    check_same_weights(*model, *other);
  }
}

TEST_CASE("convert writes the architecture as Keras does, which makes the same model again") {
  const testing::TempDir folder;
  CHECK(run({"convert", kModel, folder / "a.json"}).code == 0);
  const formats::Bytes text = formats::read_file(folder / "a.json");
  const Json json = formats::parse_json(formats::as_text(text), "a.json");
  CHECK(json.at("compile_config").is_dict());
  CHECK(model_from_architecture(json)->summary_text() ==
        saving::load_model(kModel, {.compile = false})->summary_text());
}

TEST_CASE("convert compiles a built-in model as its architecture says") {
  const testing::TempDir folder;
  CHECK(run({"convert", "mnist-mlp", folder / "a.keras"}).code == 0);
  CHECK(saving::load_model(folder / "a.keras")->optimizer().name() == "adam");
}

TEST_CASE("convert says what goes into what, and leaves nothing behind") {
  const testing::TempDir folder;
  const auto unknown = run({"convert", kModel, folder / "a.tflite"});
  CHECK(unknown.code == 64);
  CHECK(unknown.err.find("a.tflite': expected a path that ends in .keras or .h5") !=
        std::string::npos);
  const auto weights =
      run({"convert", BANACH_GOLDEN_DIR "/keras_small.weights.h5", folder / "a.h5"});
  CHECK(weights.code == 64);
  CHECK(weights.err.find("holds weights alone") != std::string::npos);
  CHECK(run({"convert", folder / "none.keras", folder / "a.h5"}).code == 66);
  CHECK(run({"convert", kModel, folder / "none/a.h5"}).code == 74);
  CHECK(folder.entries() == 0);
}

TEST_CASE("convert refuses to write over its own source, by whatever name") {
  const testing::TempDir folder;
  std::filesystem::copy_file(kModel, folder / "a.keras");
  std::filesystem::create_symlink(folder / "a.keras", folder / "b.keras");
  const auto result = run({"convert", folder / "a.keras", folder / "b.keras"});
  CHECK(result.code == 64);
  CHECK(result.err.find("the same file") != std::string::npos);
}

TEST_CASE("convert of a truncated file names it and keeps the old DST") {
  const testing::TempDir folder;
  formats::Bytes bytes = formats::read_file(kModel);
  bytes.resize(bytes.size() / 2);
  formats::write_file_atomic(folder / "a.keras", bytes);
  formats::write_file_atomic(folder / "b.h5", formats::as_bytes("old"));
  const auto result = run({"convert", folder / "a.keras", folder / "b.h5"});
  CHECK(result.code == 65);
  CHECK(result.err.find("a.keras") != std::string::npos);
  CHECK(formats::as_text(formats::read_file(folder / "b.h5")) == "old");
}
