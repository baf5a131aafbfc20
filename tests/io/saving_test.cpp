#include <banach/banach.hpp>
#include <tests/nn/warnings.hpp>
#include <tests/support/check_layer.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/policy_guard.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/tolerance.hpp>

#include <doctest/doctest.h>
#include <fstream>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

constexpr const char* kSuffixes[] = {".keras", ".h5"};

std::string golden_path(const std::string& file) {
  return std::string(BANACH_GOLDEN_DIR) + "/" + file;
}

std::shared_ptr<Model> two_ends() {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  Dense shared(3, {.activation = "selu", .name = "shared"});
  Sequential inner({Input({3}), Dense(3), BatchNormalization(), AlphaDropout(0.1)},
                   {.name = "inner"});
  auto model = std::make_shared<Model>(
      TensorList{a, b},
      TensorList{Dense(2, {.activation = "softmax", .name = "p"})(inner(shared(a))),
                 Dense(1, {.name = "q"})(shared(b))});
  model->compile(
      {.loss = {{"p", losses::CategoricalCrossentropy({.label_smoothing = 0.1})}, {"q", "mse"}},
       .optimizer = optimizers::SGD(0.05, {.momentum = 0.9}),
       .metrics = {{"p", {"accuracy"}}, {"q", {"mae"}}},
       .loss_weights = {{"q", 0.5}}});
  return model;
}

struct Ends {
  std::vector<Array> x, y;
};

Ends two_ends_data() {
  const Samples samples = make_samples(20, {4}, 2);
  return {{samples.x, normal_array({20, 4}, 2)}, {samples.y, normal_array({20, 1}, 3)}};
}

const FitOptions kFit = {.batch_size = 8, .epochs = 2, .verbose = 0, .shuffle = false};

void check_same(const std::vector<Variable>& a, const std::vector<Variable>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO(a[i].name());
    CHECK(max_abs_difference(a[i].value(), b[i].value()) == 0);
  }
}

// A model that says in call() what it computes.
class OwnModel final : public LayerOf<OwnModel, Model> {
 public:
  Tensors call_many(const Tensors& inputs, const CallContext&) override {
    return {(*dense_)(inputs[0])};
  }
  std::vector<Layer*> sublayers() override { return {dense_.get()}; }

 private:
  std::shared_ptr<Dense> dense_ = std::make_shared<Dense>(1);
};

}  // namespace

TEST_CASE("a model goes into a file and comes back, with compile() and the optimizer's state") {
  const Ends data = two_ends_data();
  for (const char* suffix : kSuffixes) {
    INFO(suffix);
    const auto model = two_ends();
    model->fit(data.x, data.y, kFit);
    const TempDir dir;
    model->save(dir / ("model" + std::string(suffix)));
    CHECK(dir.entries() == 1);
    const auto loaded = saving::load_model(dir / ("model" + std::string(suffix)));
    CHECK(serialize(*loaded) == serialize(*model));
    check_same(loaded->weights(), model->weights());
    check_same(loaded->optimizer().variables(), model->optimizer().variables());
    CHECK(loaded->metrics_names() == model->metrics_names());
    CHECK(loaded->evaluate(data.x, data.y, {.verbose = 0}) ==
          model->evaluate(data.x, data.y, {.verbose = 0}));
  }
}

TEST_CASE("SELU and AlphaDropout with another fixed point come back from files") {
  constexpr snn::FixedPoint point{.mean = -0.1, .variance = 2};
  Sequential model({Input({4}), Dense(3, {.activation = activations::Selu(point)}),
                    AlphaDropout(0.1, {.fixed_point = point}), Dense(2)});
  const Array x = normal_array({5, 4}, 1);
  for (const char* suffix : kSuffixes) {
    INFO(suffix);
    const TempDir dir;
    model.save(dir / ("model" + std::string(suffix)));
    const auto loaded = saving::load_model(dir / ("model" + std::string(suffix)));
    CHECK(serialize(*loaded) == serialize(model));
    CHECK(max_abs_difference(loaded->predict(x), model.predict(x)) == 0);
  }
}

TEST_CASE("training goes on exactly from a file") {
  const Samples data = make_samples(40, {6}, 3);
  for (const char* suffix : kSuffixes) {
    INFO(suffix);
    Sequential model({Input({6}), Dense(8, {.activation = "selu"}), BatchNormalization(),
                      Dense(3, {.activation = "softmax"})});
    model.compile({.loss = "categorical_crossentropy", .metrics = {"accuracy"}});
    model.fit(data.x, data.y, kFit);
    const TempDir dir;
    const std::string path = dir / ("model" + std::string(suffix));
    model.save(path);
    const auto loaded = models::load_model(path);
    CHECK(loaded->fit(data.x, data.y, kFit).history == model.fit(data.x, data.y, kFit).history);
    check_same(loaded->weights(), model.weights());
  }
}

TEST_CASE("files of Keras 3 predict what they did there and go on training") {
  for (const char* file : {"keras_small.keras", "keras_small.h5"}) {
    INFO(file);
    const auto model = saving::load_model(golden_path(file));
    CHECK(model->class_name() == "Sequential");
    CHECK(model->count_params() == 931);
    CHECK(model->optimizer().name() == "adam");
    CHECK(model->metrics_names() == std::vector<std::string>{"loss", "accuracy"});
  }
  const auto a = saving::load_model(golden_path("keras_small.keras"));
  const auto b = saving::load_model(golden_path("keras_small.h5"));
  check_same(a->weights(), b->weights());
  b->load_weights(golden_path("keras_small.weights.h5"));
  check_same(a->weights(), b->weights());
}

TEST_CASE("a file of Keras in mixed_float16 goes on with its loss scale") {
  const auto expected = [](const std::string& key) {
    return golden("keras_mixed_float16.npz", key);
  };
  const auto model = saving::load_model(golden_path("keras_mixed_float16.keras"));
  CHECK(model->dtype_policy().name() == "mixed_float16");
  CHECK(model->get_layer(0)->compute_dtype() == float16);
  const Array x = expected("x"), y = expected("y");
  CHECK(relative_difference(model->predict(x), expected("predictions")) <= Tolerance::kFloat16);
  const std::vector<Variable> state = model->optimizer().variables();
  REQUIRE(state.size() == 4 + 2 + 2 * 6);
  for (std::size_t i = 0; i < state.size(); ++i) {
    CHECK(max_abs_difference(state[i].value(), expected("s" + std::to_string(i))) == 0);
  }
  const History history =
      model->fit(x, y, {.batch_size = 4, .epochs = 2, .verbose = 0, .shuffle = false});
  for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
    const double loss = history.history.at("loss")[static_cast<std::size_t>(epoch)];
    CHECK(std::abs(loss - expected("losses").flat(2 + epoch)) <= Tolerance::kFloat16);
  }
}

TEST_CASE("a loss scale is saved and loaded in every format") {
  const PolicyGuard guard("mixed_float16");
  Sequential model({Input({6}), Dense(8, {.activation = "selu"}), Dense(3)});
  const Samples data = make_samples(20, {6}, 3);
  for (const bool explicitly : {false, true}) {
    const Optimizer sgd = optimizers::SGD(0.01, {.momentum = 0.9, .clipnorm = 1});
    const Optimizer scaled =
        optimizers::LossScaleOptimizer(sgd, {.initial_scale = 64, .dynamic_growth_steps = 2});
    model.compile({.loss = "mse", .optimizer = explicitly ? scaled : sgd});
    model.fit(data.x, data.y, {.batch_size = 4, .verbose = 0});
    for (const char* suffix : {".keras", ".h5"}) {
      CAPTURE(suffix);
      const TempDir dir;
      const std::string path = dir / (std::string("model") + suffix);
      model.save(path);
      const PolicyGuard loads_elsewhere("float32");
      const auto loaded = models::load_model(path);
      CHECK(to_json(loaded->optimizer()) == to_json(model.optimizer()));
      check_same(loaded->optimizer().variables(), model.optimizer().variables());
      CHECK(loaded->fit(data.x, data.y, kFit).history == model.fit(data.x, data.y, kFit).history);
    }
  }
}

TEST_CASE("the state of an optimizer is read with and without a loss scale on either side") {
  const Samples data = make_samples(20, {6}, 3);
  for (const bool saved_with : {false, true}) {
    CAPTURE(saved_with);
    const TempDir dir;
    const PolicyGuard guard("mixed_float16");
    const auto make = [&](bool auto_scale_loss) {
      Sequential model({Input({6}), Dense(3)});
      model.compile({.loss = "mse", .optimizer = "adam", .auto_scale_loss = auto_scale_loss});
      return model;
    };
    Sequential from = make(saved_with), to = make(!saved_with);
    from.fit(data.x, data.y, {.batch_size = 4, .verbose = 0});
    from.save_weights(dir / "some.weights.h5");
    to.load_weights(dir / "some.weights.h5");
    check_same(to.optimizer().inner_optimizer().variables(),
               from.optimizer().inner_optimizer().variables());
  }
}

TEST_CASE("compile() and the optimizer can be left out") {
  const auto model = two_ends();
  const Ends data = two_ends_data();
  model->fit(data.x, data.y, kFit);
  const TempDir dir;
  for (const char* suffix : kSuffixes) {
    const std::string path = dir / ("model" + std::string(suffix));
    model->save(path);
    CHECK_FALSE(saving::load_model(path, {.compile = false})->is_compiled());
    saving::save_model(*model, path, {.include_optimizer = false});
    CHECK_FALSE(saving::load_model(path)->is_compiled());
  }
}

TEST_CASE("a layer of one's own is saved once it is registered") {
  class Doubled final : public LayerOf<Doubled> {
   public:
    using LayerOf::LayerOf;
    Tensor call(const Tensor& x, const CallContext&) override { return x * times_; }
    void describe(Fields& fields) override { fields("times", times_); }

   private:
    double times_ = 2;
  };
  Sequential model({Input({3}), Dense(3), Doubled({.name = "twice"})});
  const TempDir dir;
  const std::string path = dir / "model.keras";
  CHECK_THROWS_WITH_AS(model.save(path), doctest::Contains("call register_layer<Doubled>()"),
                       NotSupported);
  CHECK(dir.entries() == 0);
  register_layer<Doubled>();
  model.save(path);
  const Array x = normal_array({2, 3}, 1);
  CHECK(max_abs_difference(saving::load_model(path)->predict(x), model.predict(x)) == 0);
}

TEST_CASE("a loss of one's own is left out with a warning") {
  Sequential model({Input({3}), Dense(1)});
  model.compile({.loss = [](const Tensor& y, const Tensor& p) { return ops::square(y - p); }});
  const TempDir dir;
  const WarningRecorder warnings;
  model.save(dir / "model.keras");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("saved without what compile() was given") != std::string::npos);
  CHECK_FALSE(saving::load_model(dir / "model.keras")->is_compiled());
}

TEST_CASE("a model with a call() of its own keeps its weights in a file, not itself") {
  const TempDir dir;
  OwnModel model;
  model.compile({.loss = "mse"});
  model.fit(Array({8, 2}), Array({8, 1}), {.verbose = 0});
  CHECK_THROWS_WITH_AS(model.save(dir / "m.keras"),
                       doctest::Contains("says in a call() of its own what it computes"),
                       NotSupported);
  model.save_weights(dir / "m.weights.h5");
}

TEST_CASE("a function of one's own is said with its layer") {
  const TempDir dir;
  Sequential model({Input({3}), Dense(1, {.activation = [](const Tensor& x) { return x * 2.0; },
                                          .name = "doubled"})});
  CHECK_THROWS_WITH_AS(model.save(dir / "m.keras"), doctest::Contains("[doubled] an activation"),
                       NotSupported);
}

TEST_CASE("what cannot be saved or loaded is said") {
  const TempDir dir;
  Sequential unbuilt({Dense(3)}, {.name = "m"});
  CHECK_THROWS_WITH_AS(unbuilt.save(dir / "m.keras"), doctest::Contains("'m' is not built"),
                       RuntimeError);
  Sequential model({Input({3}), Dense(1)});
  CHECK_THROWS_WITH_AS(model.save("model.pkl"),
                       "[save_model] expected a path that ends in .keras or .h5, received "
                       "'model.pkl'",
                       InvalidArgument);
  CHECK_THROWS_AS(model.save("model.weights.h5"), InvalidArgument);
  CHECK_THROWS_AS(saving::load_model(dir / "none.keras"), NotFound);
  CHECK_THROWS_AS(saving::load_model(dir / "none.h5"), NotFound);
  CHECK_THROWS_AS(model.save(dir / "no/such/folder/m.keras"), IOError);
}
