#include <banach/formats/json.hpp>
#include <tests/cli/process.hpp>
#include <tests/cli/samples.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::testing;

TEST_CASE("evaluate gives what Model::evaluate does on the test part") {
  const SampleFolder folder;
  const std::string path = folder.model();
  const auto model = saving::load_model(path);
  const auto [train, test] = datasets::mnist::load_data({.directory = folder.path()});
  const auto scores = model->evaluate(test.first.reshape({40, 28, 28, 1}).astype(float32) / 255,
                                      utils::to_categorical(test.second, 10), {.verbose = 0});
  const ProcessOptions options{folder.path(), {{"BANACH_DATA_DIR", folder.path()}}};
  const Finished json = run({"evaluate", path, "--data", "dataset:mnist", "--json"}, options);
  CHECK(json.code == 0);
  const Json result = formats::parse_json(json.out, "stdout");
  CHECK(result.at("samples").as_int() == 40);
  CHECK(result.at("loss").as_double() == scores[0]);
  CHECK(result.at("accuracy").as_double() == scores[1]);
  const Finished text = run({"evaluate", "model.keras", "--data", "mnist.npz[train]"}, options);
  CHECK(text.code == 0);
  CHECK(text.out.starts_with("loss: "));
  CHECK(text.out.find(", accuracy: ") != std::string::npos);
}

TEST_CASE("evaluate names what it cannot use") {
  const SampleFolder folder;
  const std::string path = folder.model();
  const Finished architecture = run({"evaluate", "mnist-selu", "--data", path});
  CHECK(architecture.code == 64);
  CHECK(architecture.err.find("expected a Keras file") != std::string::npos);
  const Finished arrays = run({"evaluate", path, "--data", folder / "mnist.npz[val]"});
  CHECK(arrays.code == 65);
  CHECK(arrays.err.find("expected the array x_val, received x_test, x_train") != std::string::npos);
}
