#include <banach/formats/json.hpp>
#include <banach/formats/npy.hpp>
#include <banach/formats/npz.hpp>
#include <banach/formats/png.hpp>
#include <tests/cli/process.hpp>
#include <tests/cli/samples.hpp>

#include <algorithm>
#include <doctest/doctest.h>

using namespace banach;
using namespace banach::testing;

namespace {

Finished predict(const SampleFolder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"predict", "model.keras"});
  return run(arguments, {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}});
}

// Sample `i` of the test part, (1, 28, 28, 1), as the model takes it.
Array test_input(const SampleFolder& folder, std::int64_t i) {
  const auto arrays = formats::load_npz(folder / "mnist.npz");
  return arrays.at("x_test").slice(i, i + 1).reshape({1, 28, 28, 1}).astype(float32) / 255;
}

}  // namespace

TEST_CASE("predictions of data are those of Model::predict, as .npy and as JSON") {
  const SampleFolder folder;
  const auto model = saving::load_model(folder.model());
  const Finished file =
      predict(folder, {"--input", "dataset:mnist[test][2:5]", "--output", "y.npy"});
  CHECK(file.code == 0);
  const Array y = formats::parse_npy(formats::read_file(folder / "y.npy"), "y.npy");
  REQUIRE(y.shape() == Shape{3, 10});
  const Array expected = model->predict(test_input(folder, 3));
  CHECK(max_abs_difference(y.slice(1, 2), expected) < 1e-6);

  const Finished top =
      predict(folder, {"--input", "dataset:mnist[test][3]", "--top", "2", "--json"});
  CHECK(top.code == 0);
  const Json item = formats::parse_json(top.out, "stdout").at("predictions").as_list().at(0);
  CHECK(item.at("input").as_string() == "3");
  const Json best = item.at(model->output_names().front()).as_list().at(0);
  CHECK(best.at("class").as_int() == argmax(expected).flat(0));
  CHECK(best.at("value").as_double() ==
        doctest::Approx(expected.flat(best.at("class").as_int())).epsilon(1e-6));
}

TEST_CASE("a picture on white is inverted, a large one made small, and both are said") {
  const SampleFolder folder;
  const auto model = saving::load_model(folder.model());
  const Array picture = (test_input(folder, 4).reshape({28, 28, 1}) * 255 + 0.5).astype(uint8);
  Array large({56, 56, 1}, uint8);
  for (std::int64_t i = 0; i < large.size(); ++i) {
    large.mutable_values<std::uint8_t>()[i] =
        static_cast<std::uint8_t>(255 - picture.at({i / 56 / 2, i % 56 / 2, 0}));
  }
  formats::save_png(folder / "large.png", large);
  const Finished result = predict(folder, {"--input", "large.png", "--top", "1", "--json"});
  CHECK(result.code == 0);
  CHECK(result.err.find("large.png: inverted, because its background is white") !=
        std::string::npos);
  CHECK(result.err.find("large.png: resized from 56 x 56 to 28 x 28") != std::string::npos);
  const Json item = formats::parse_json(result.out, "stdout").at("predictions").as_list().at(0);
  const Json best = item.at(model->output_names().front()).as_list().at(0);
  const Array expected = model->predict(test_input(folder, 4));
  CHECK(best.at("value").as_double() == doctest::Approx(expected.flat(best.at("class").as_int())));

  const Finished kept = predict(folder, {"--input", "large.png", "large.png", "--no-invert"});
  CHECK(kept.code == 0);
  CHECK(kept.err.find("inverted") == std::string::npos);
  CHECK(std::ranges::count(kept.out, '\n') == 2);
}

TEST_CASE("a table without a target is asked about") {
  const SampleFolder folder;
  Sequential model({layers::Input({2}), layers::Dense(1)});
  model.save(folder / "model.keras");
  formats::write_file_atomic(folder / "ask.csv", formats::as_bytes("a,b\n1,2\n3,4\n"));
  const Finished result = predict(folder, {"--input", "ask.csv"});
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("0: "));
  CHECK(predict(folder, {"--input", "ask.csv", "--target", "b"}).code == 65);
}

TEST_CASE("what cannot be predicted is said") {
  const SampleFolder folder;
  folder.model();
  formats::write_file_atomic(folder / "bad.png", formats::as_bytes("no picture"));
  CHECK(predict(folder, {"--input", "bad.png"}).code == 65);
  CHECK(predict(folder, {"--input", "gone.png"}).code == 66);
  CHECK(predict(folder, {"--input", "mnist.npz", "--output", "y.txt"}).code == 64);
  CHECK(predict(folder, {"--input", "bad.png", "mnist.npz"}).code != 0);
  CHECK(predict(folder, {"--input", "mnist.npz", "--output", "/dev/full/y.npy"}).code == 74);
}
