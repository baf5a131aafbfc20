#include <tests/nn/warnings.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/train/scripted.hpp>

#include <algorithm>

using namespace banach;
using namespace banach::testing;
using callbacks::ModelCheckpoint;
using callbacks::ModelCheckpointOptions;
using doctest::Contains;

namespace {

ModelCheckpointOptions options_of(const Json& config) {
  ModelCheckpointOptions o;
  Fields(config, "options")("monitor", o.monitor)("verbose", o.verbose)(
      "save_best_only", o.save_best_only)("save_weights_only", o.save_weights_only)("mode", o.mode)(
      "initial_value_threshold", o.initial_value_threshold);
  if (const Json* batches = config.find("save_freq")) o.save_freq = batches->as_int();
  return o;
}

std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(folder).string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

TEST_CASE("ModelCheckpoint says and writes what Keras' does") {
  for (const Json& c : scripted_cases("model_checkpoint")) {
    const TempDir dir;
    const std::string folder = dir.path().string() + "/made";
    INFO(c.at("filepath").as_string());
    ModelCheckpoint callback(replaced(c.at("filepath").as_string(), "DIR", folder),
                             options_of(c.at("options")));
    check_script(callback, c, folder);
    std::vector<std::string> expected;
    from_json(c.at("files"), expected);
    CHECK(files_in(folder) == expected);
  }
}

TEST_CASE("what ModelCheckpoint saves is the model at that epoch") {
  const TempDir dir;
  Sequential model = scripted_model();
  const Array x = Array::full({8, 1}, 1), y = Array::full({8, 1}, 3);
  std::vector<double> weights;
  const Callbacks told = {ModelCheckpoint(dir / "{epoch}.keras"),
                          callbacks::LambdaCallback({.on_epoch_end = [&](std::int64_t, Logs&) {
                            weights.push_back(model.get_weights()[0].flat(0));
                          }})};
  model.fit(x, y, {.epochs = 3, .verbose = 0, .callbacks = told});
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    const auto loaded = models::load_model(dir / (std::to_string(epoch + 1) + ".keras"));
    CHECK(loaded->get_weights()[0].flat(0) == weights[epoch]);
  }
}

TEST_CASE("without what it monitors ModelCheckpoint warns and saves") {
  const TempDir dir;
  Sequential model = scripted_model();
  const WarningRecorder warnings;
  const Array x({8, 1});
  const ModelCheckpoint callback(dir / "best.keras", {.save_best_only = true});
  model.fit(x, x, {.epochs = 2, .verbose = 0, .callbacks = {callback}});
  CHECK(dir.entries() == 1);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].starts_with("Can save best model only with val_loss available. Available"));
}

TEST_CASE("what no file can hold is said before the first step") {
  const TempDir dir;
  Sequential model(
      {layers::Input({1}), layers::Dense(1, {.activation = [](const Tensor& x) { return x * 2.0; },
                                             .name = "doubled"})});
  model.compile({.loss = "mse"});
  const Array x = Array::full({8, 1}, 1);
  const auto before = model.get_weights();
  CHECK_THROWS_WITH_AS(
      model.fit(x, x, {.verbose = 0, .callbacks = {ModelCheckpoint(dir / "a.keras")}}),
      Contains("[doubled] an activation"), NotSupported);
  CHECK(max_abs_difference(model.get_weights()[0], before[0]) == 0);
  model.fit(x, x,
            {.verbose = 0,
             .callbacks = {ModelCheckpoint(dir / "a.weights.h5", {.save_weights_only = true})}});
  CHECK(dir.entries() == 1);
}

TEST_CASE("ModelCheckpoint refuses what cannot work") {
  CHECK_THROWS_WITH_AS(ModelCheckpoint("net.txt"), Contains("must end in .keras or .h5"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(ModelCheckpoint("net.h5", {.save_weights_only = true}),
                       Contains("must end in .weights.h5"), InvalidArgument);
  CHECK_THROWS_WITH_AS(ModelCheckpoint("net.keras", {.save_freq = "epochs"}),
                       Contains("a number of batches >= 1, received \"epochs\""), InvalidArgument);
  CHECK_THROWS_WITH_AS(ModelCheckpoint("net.keras", {.save_freq = 0}),
                       Contains("a number of batches >= 1, received 0"), InvalidArgument);
  const TempDir dir;
  std::filesystem::create_directory(dir / "folder.keras");
  Sequential model = scripted_model();
  const Array x({8, 1});
  const auto fit = [&](const std::string& path) {
    model.fit(x, x, {.verbose = 0, .callbacks = {ModelCheckpoint(path)}});
  };
  CHECK_THROWS_WITH_AS(fit(dir / "folder.keras"), Contains("the folder"), IOError);
  CHECK_THROWS_WITH_AS(fit("/proc/none/net.keras"), Contains("cannot make the folder"), IOError);
}
