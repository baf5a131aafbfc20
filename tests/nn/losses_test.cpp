#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/models/eager.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/losses.hpp>
#include <doctest/doctest.h>
#include <tests/nn/elementwise.hpp>
#include <tests/nn/warnings.hpp>
#include <tests/support/check_layer.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

#include <numbers>

using namespace banach;
using namespace banach::testing;
using losses::CrossentropyOptions;

namespace {

using MakeLoss = Loss (*)(const CrossentropyOptions& options);
using ArrayLoss = Array (*)(const Array& y_true, const Array& y_pred,
                            const CrossentropyOptions& options);

// A case of losses.npz: its loss, and the activation that its logits are meant for.
struct Case {
  const char* name;
  MakeLoss make;
  ArrayLoss on_arrays;
  const char* activation;
};

constexpr Case kCategorical = {"", losses::CategoricalCrossentropy,
                               losses::categorical_crossentropy, "softmax"};
constexpr Case kSparse = {"", losses::SparseCategoricalCrossentropy,
                          losses::sparse_categorical_crossentropy, "softmax"};
constexpr Case kBinary = {"", losses::BinaryCrossentropy, losses::binary_crossentropy, "sigmoid"};

constexpr Case named(const char* name, Case test) {
  test.name = name;
  return test;
}

constexpr Case kCases[] = {named("cce", kCategorical), named("scce", kSparse),
                           named("bce", kBinary), named("cce50", kCategorical),
                           named("scce50", kSparse)};

const Array& value(const Case& test, const std::string& key) {
  return golden("losses.npz", std::string(test.name) + "/" + key);
}

bool has(const Case& test, const std::string& key) {
  return golden("losses.npz").contains(std::string(test.name) + "/" + key);
}

using OnArrays = Array (*)(const Array& y_true, const Array& y_pred);

// A case of losses_more.npz or, of two of its losses, of losses.npz: the kind of its inputs.
struct OtherCase {
  std::string name, kind;
  Loss loss;
  OnArrays on_arrays = nullptr;
};

const std::vector<OtherCase>& other_cases() {
  using namespace losses;
  const BinaryFocalCrossentropyOptions balanced{
      .apply_class_balancing = true, .alpha = 0.4, .gamma = 1.5, .label_smoothing = 0.1};
  const CategoricalFocalCrossentropyOptions logits{
      .alpha = 0.5, .gamma = 3, .from_logits = true, .label_smoothing = 0.1};
  static const std::vector<OtherCase> kCases = {
      {"mean_squared_error", "regression", MeanSquaredError(), mean_squared_error},
      {"mean_absolute_error", "regression", MeanAbsoluteError(), mean_absolute_error},
      {"mean_absolute_percentage_error", "signed", MeanAbsolutePercentageError(),
       mean_absolute_percentage_error},
      {"mean_squared_logarithmic_error", "counts", MeanSquaredLogarithmicError(),
       mean_squared_logarithmic_error},
      {"cosine_similarity", "signed", CosineSimilarity(), cosine_similarity},
      {"huber", "signed", Huber(), [](const Array& y, const Array& p) { return huber(y, p); }},
      {"huber/delta", "signed", Huber({.delta = 2.5})},
      {"log_cosh", "signed", LogCosh(), log_cosh},
      {"poisson", "counts", Poisson(), poisson},
      {"kl_divergence", "classes", KLDivergence(), kl_divergence},
      {"hinge", "signs", Hinge(), hinge},
      {"hinge/classes", "classes", Hinge()},
      {"squared_hinge", "signs", SquaredHinge(), squared_hinge},
      {"categorical_hinge", "scores", CategoricalHinge(), categorical_hinge},
      {"binary_focal_crossentropy", "classes", BinaryFocalCrossentropy(),
       [](const Array& y, const Array& p) { return binary_focal_crossentropy(y, p); }},
      {"binary_focal_crossentropy/balanced", "classes", BinaryFocalCrossentropy(balanced)},
      {"binary_focal_crossentropy/logits", "scores",
       BinaryFocalCrossentropy({.from_logits = true})},
      {"categorical_focal_crossentropy", "classes", CategoricalFocalCrossentropy(),
       [](const Array& y, const Array& p) { return categorical_focal_crossentropy(y, p); }},
      {"categorical_focal_crossentropy/logits", "scores", CategoricalFocalCrossentropy(logits)}};
  return kCases;
}

const Array& other(const std::string& name, const std::string& key) {
  const auto& earlier = golden("losses.npz");
  if (name == "regression") return earlier.at("regression/" + key);
  const auto found = earlier.find("regression/" + name + (key == "dx" ? "_dx" : ""));
  return found == earlier.end() ? golden("losses_more.npz", name + "/" + key) : found->second;
}

// Keras rounds log(2) to float32 in float64, too.
double rounding_of_keras(const std::string& name) {
  return name == "log_cosh" ? std::numbers::ln2_v<float> - std::numbers::ln2 : 0;
}

// The loss of `y_pred`, made from x, and its gradient for x.
Derivatives run(const Case& test, const CrossentropyOptions& options, const Array& x,
                const ActivationFunction& y_pred = "linear") {
  const Loss loss = test.make(options);
  const Array y_true = value(test, "y_true").astype(x.dtype());
  return differentiate([&](const Tensor& t) { return loss(constant(y_true), y_pred(t)); }, x,
                       Array::full({x.dim(0)}, 1, x.dtype()));
}

void compare(const Derivatives& got, const Case& test, const std::string& key, double tolerance) {
  INFO(std::string(test.name), " ", key);
  CHECK(elementwise_difference(got.y, value(test, key)) <= tolerance);
  CHECK(elementwise_difference(got.dx, value(test, key + "_dx")) <= tolerance);
}

void check_variant(const Case& test, const std::string& suffix, double smoothing) {
  const CrossentropyOptions plain{.label_smoothing = smoothing};
  const CrossentropyOptions from_logits{.from_logits = true, .label_smoothing = smoothing};
  const Array &p = value(test, "y_pred"), &logits = value(test, "logits");
  compare(run(test, plain, p), test, "from_plain" + suffix, Tolerance::kFloat64);
  compare(run(test, from_logits, logits), test, "from_logits" + suffix, Tolerance::kFloat64);
  compare(run(test, plain, logits, test.activation), test, "from_logits" + suffix,
          Tolerance::kFloat64);
  compare(run(test, from_logits, logits.astype(float32)), test, "from_logits" + suffix,
          Tolerance::kFloat32Keras);
  compare(run(test, plain, logits.astype(float32), test.activation), test, "from_logits" + suffix,
          Tolerance::kFloat32Keras);
  const Array on_arrays = test.on_arrays(value(test, "y_true"), p, plain);
  CHECK(elementwise_difference(on_arrays, value(test, "from_plain" + suffix)) <=
        Tolerance::kFloat64);
}

}  // namespace

TEST_CASE("crossentropies and their gradients are Keras': plain, from logits, behind activations") {
  for (const Case& test : kCases) {
    check_variant(test, "", 0);
    if (has(test, "from_plain_smoothing")) check_variant(test, "_smoothing", 0.1);
  }
}

TEST_CASE("probabilities are clipped at 1e-7, logits are not") {
  const Array y_true = Array::of<double>({0, 1}, {1, 2});
  const Array logits = Array::of<double>({50, -50}, {1, 2});
  const Array p = activations::softmax(logits);
  CHECK(losses::categorical_crossentropy(y_true, p).flat(0) == doctest::Approx(16.118095651));
  CHECK(losses::categorical_crossentropy(y_true, logits, {.from_logits = true}).flat(0) == 100);
  CHECK(run(named("cce50", kCategorical), {}, logits, "softmax").y.flat(0) == 100);
}

TEST_CASE("all other losses and their gradients are Keras', with options, at kinks and bounds") {
  for (const OtherCase& test : other_cases()) {
    INFO(test.name);
    const Array &y_true = other(test.kind, "y_true"), &y_pred = other(test.kind, "y_pred");
    const Array expected = other(test.name, "values") + rounding_of_keras(test.name);
    for (const DType dtype : {float64, float32}) {
      // probabilities of 0 and 1 are clipped to 1e-7 and 1 - 1e-7, which float32 does not hold
      if (dtype == float32 && test.kind == "classes") continue;
      const Derivatives got = differentiate(
          [&](const Tensor& t) { return test.loss(constant(y_true.astype(dtype)), t); },
          y_pred.astype(dtype), Array::full({y_pred.dim(0)}, 1, dtype));
      const double tolerance = dtype == float64 ? Tolerance::kFloat64 : Tolerance::kFloat32Keras;
      CHECK(elementwise_difference(got.y, expected) <= tolerance);
      CHECK(elementwise_difference(got.dx, other(test.name, "dx")) <= tolerance);
    }
    if (test.on_arrays == nullptr) continue;
    const Array on_arrays = test.on_arrays(y_true, y_pred);
    CHECK(elementwise_difference(on_arrays, expected) <= Tolerance::kFloat64);
  }
}

TEST_CASE("every loss is compared with Keras") {
  for (const std::string& name : losses::names()) {
    const Loss loss = name;
    const bool is_here = std::ranges::any_of(
        other_cases(), [&](const OtherCase& test) { return test.loss.name() == loss.name(); });
    const bool is_crossentropy = loss.name() == "categorical_crossentropy" ||
                                 loss.name() == "sparse_categorical_crossentropy" ||
                                 loss.name() == "binary_crossentropy";
    CHECK((is_here || is_crossentropy));
  }
}

TEST_CASE("a loss object is saved with its options and read again") {
  for (const OtherCase& test : other_cases()) {
    INFO(test.name);
    Loss loaded = "mean_squared_error";
    from_json(to_json(test.loss), loaded);
    CHECK(loaded.name() == test.loss.name());
    CHECK(to_json(loaded) == to_json(test.loss));
    const Array &y_true = other(test.kind, "y_true"), &y_pred = other(test.kind, "y_pred");
    CHECK(max_abs_difference(eval(loaded(constant(y_true), constant(y_pred))),
                             eval(test.loss(constant(y_true), constant(y_pred)))) == 0);
  }
}

TEST_CASE("from_logits behind a softmax warns, and uses the logits as Keras does") {
  for (const Case& test :
       {named("cce", kCategorical), named("scce", kSparse), named("bce", kBinary)}) {
    INFO(std::string(test.name));
    const WarningRecorder warnings;
    compare(run(test, {.from_logits = true}, value(test, "logits"), test.activation), test,
            "from_logits", Tolerance::kFloat64);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0] == test.make({}).name() +
                             " received from_logits=true, but y_pred is the "
                             "output of a " +
                             test.activation + " and so holds no logits. Was this intended?");
  }
  const WarningRecorder warnings;
  run(named("cce", kCategorical), {.from_logits = true}, value(kCases[0], "logits"));
  CHECK(warnings.size() == 0);
}

TEST_CASE("targets may lack the last axis of predictions of one unit, as in Keras") {
  const Array flat = Array::of<float>({0, 1}), column = flat.reshape({2, 1});
  const Array p = Array::of<float>({0.25F, 0.75F}, {2, 1});
  CHECK(max_abs_difference(losses::binary_crossentropy(flat, p),
                           losses::binary_crossentropy(column, p)) == 0);
  CHECK(max_abs_difference(losses::mean_squared_error(flat, p),
                           losses::mean_squared_error(column, p)) == 0);
  const Array rows = Array::of<float>({0.1F, 0.9F, 0.6F, 0.4F}, {2, 2});
  CHECK(max_abs_difference(losses::sparse_categorical_crossentropy(flat, rows),
                           losses::sparse_categorical_crossentropy(column, rows)) == 0);
}

TEST_CASE("losses go by their names") {
  CHECK(Loss("mse").name() == "mean_squared_error");
  CHECK(Loss("mae").name() == "mean_absolute_error");
  CHECK(Loss("bce").name() == "binary_crossentropy");
  CHECK(Loss(losses::categorical_crossentropy).name() == "categorical_crossentropy");
  CHECK(Loss("sparse_categorical_crossentropy").is_sparse());
  CHECK_FALSE(Loss("categorical_crossentropy").is_sparse());
  CHECK(Loss([](const Tensor& y_true, const Tensor&) { return y_true; }).name() == "custom");
  for (const std::string& name : losses::names()) {
    const bool is_short = name.size() <= 4;
    CHECK((Loss(name).name() == name) != is_short);
  }
  CHECK(Loss("MSE").name() == "mean_squared_error");
  CHECK(Loss("Huber").name() == "huber");
}

TEST_CASE("losses say what is wrong") {
  CHECK_THROWS_WITH_AS(
      Loss("categorical_crosentropy"),
      doctest::Contains("unknown loss 'categorical_crosentropy'. Did you mean "
                        "'categorical_crossentropy'? Known: categorical_crossentropy, "),
      InvalidArgument);
  CHECK_THROWS_WITH_AS(
      losses::categorical_crossentropy(Array({2}), Array({2, 3})),
      "[categorical_crossentropy] expected y_true and y_pred of one shape, received (2,) and "
      "(2, 3). Make y_true with utils::to_categorical, or use sparse_categorical_crossentropy for "
      "class numbers.",
      InvalidArgument);
  CHECK_THROWS_WITH_AS(losses::CategoricalCrossentropy({.label_smoothing = 1.5}),
                       "[categorical_crossentropy] label_smoothing must be in [0, 1], received 1.5",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(losses::SparseCategoricalCrossentropy({.label_smoothing = 0.1}),
                       "[sparse_categorical_crossentropy] label_smoothing needs one-hot targets: "
                       "use categorical_crossentropy",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(losses::Huber({.delta = 0}), "[huber] delta must be positive, received 0",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(losses::BinaryFocalCrossentropy({.alpha = -1}),
                       "[binary_focal_crossentropy] alpha must be in [0, 1], received -1",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(losses::huber(Array({2, 2}), Array({2, 3})),
                       "[huber] expected y_true and y_pred of one shape, received (2, 2) and "
                       "(2, 3)",
                       InvalidArgument);
}
