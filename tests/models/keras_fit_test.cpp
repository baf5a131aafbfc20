#include <doctest/doctest.h>
#include <tests/models/keras_nets.hpp>
#include <tests/support/floatx_guard.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

// fit, evaluate and predict of fit_history.npz or its twin in float64.
struct FitRun {
  DType dtype;
  std::string file = dtype == float64 ? "fit_history_f64.npz" : "fit_history.npz";
  double tolerance = dtype == float64 ? Tolerance::kFloat64 : Tolerance::kFloat32Keras;

  const Array& operator[](const std::string& key) const { return golden(file, key); }
  std::int64_t number(const char* key) const {
    return static_cast<std::int64_t>((*this)[key].flat(0));
  }
  Sequential compiled() const {
    Sequential model = mlp_net();
    model.compile({.loss = "categorical_crossentropy",
                   .optimizer = adam_for(dtype),
                   .metrics = {"accuracy"}});
    model.set_weights(numbered(file, "w"));
    return model;
  }
  FitOptions options() const {
    return {.batch_size = number("batch_size"),
            .epochs = number("epochs"),
            .verbose = 0,
            .validation_split = (*this)["validation_split"].flat(0),
            .shuffle = false};
  }
  void compare(const std::string& what, double got, double expected) const {
    check_close(file + " " + what, got, expected, tolerance);
  }
};

void check_history(const FitRun& run, const History& history) {
  std::vector<std::string> keys;
  for (const auto& [key, values] : history.history) {
    keys.push_back(key);
    REQUIRE(values.size() == 3);
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
      run.compare(key, values[static_cast<std::size_t>(epoch)], run[key].flat(epoch));
    }
  }
  CHECK(keys == std::vector<std::string>{"accuracy", "loss", "val_accuracy", "val_loss"});
  CHECK(history.epoch == std::vector<std::int64_t>{0, 1, 2});
  CHECK(history.params.epochs == 3);
  CHECK(history.params.steps == 5);
  CHECK(history.params.verbose == 0);
}

void check_weights(const FitRun& run, const Model& model) {
  const std::vector<Array> got = model.get_weights(), before = numbered(run.file, "w"),
                           after = numbered(run.file, "v");
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(run.file, " weight ", i);
    check_update(got[i], before[i], after[i],
                 run.dtype == float64 ? run.tolerance : Tolerance::kFloat32Update);
  }
}

}  // namespace

TEST_CASE("fit with a validation split, evaluate and predict are Keras'") {
  for (const DType dtype : {float64, float32}) {
    const FitRun run{dtype};
    const FloatxGuard guard(dtype);
    Sequential model = run.compiled();
    check_history(run, model.fit(run["x"], run["y"], run.options()));
    check_weights(run, model);

    const std::vector<double> scores = model.evaluate(run["x"], run["y"], {.verbose = 0});
    REQUIRE(scores.size() == 2);
    CHECK(model.metrics_names() == std::vector<std::string>{"loss", "accuracy"});
    run.compare("evaluate loss", scores[0], run["evaluate"].flat(0));
    run.compare("evaluate accuracy", scores[1], run["evaluate"].flat(1));

    const Array probabilities = model.predict(run["x"]);
    CHECK(probabilities.dtype() == dtype);
    CHECK(relative_difference(probabilities, run["predict"]) <= run.tolerance);
    CHECK(relative_difference(model.predict(run["x"], {.batch_size = 7}), run["predict"]) <=
          run.tolerance);
  }
}

TEST_CASE("validation_data of the same samples is the same validation") {
  const FitRun run{float32};
  const Array &x = run["x"], &y = run["y"];
  Sequential model = run.compiled();
  FitOptions options = run.options();
  options.validation_data = {x.slice(72, 90), y.slice(72, 90)};
  options.validation_split = 0;
  check_history(run, model.fit(x.slice(0, 72), y.slice(0, 72), options));
}

TEST_CASE("run_eagerly on the reference backend is the same training") {
  const FitRun run{float32};
  Sequential model = run.compiled();
  model.compile({.loss = "categorical_crossentropy",
                 .optimizer = adam_for(float32),
                 .metrics = {"accuracy"},
                 .run_eagerly = true});
  check_history(run, model.fit(run["x"], run["y"], run.options()));
  check_weights(run, model);
}

TEST_CASE("behind a softmax fit and evaluate take the logits: 100 instead of 16.1181") {
  Sequential model({layers::Input({2}), layers::Activation("softmax")});
  model.compile({.loss = losses::categorical_crossentropy});
  const Array x = Array::of<float>({50, -50}, {1, 2}), y = Array::of<float>({0, 1}, {1, 2});
  CHECK(model.evaluate(x, y, {.verbose = 0}).at(0) == 100);
  CHECK(model.train_on_batch(x, y).at(0) == 100);
  CHECK(losses::categorical_crossentropy(y, model.predict(x)).flat(0) == doctest::Approx(16.1181));
}
