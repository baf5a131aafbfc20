#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/models/eager.hpp>
#include <banach/nn/metrics.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <doctest/doctest.h>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

#include <cmath>
#include <limits>
#include <numbers>

using namespace banach;
using namespace banach::testing;

namespace {

Array values(const Metric& metric, const Array& y_true, const Array& y_pred) {
  return eval(metric.values(constant(y_true), constant(y_pred)));
}

// The values of a metric on a case of losses.npz are Keras', bit by bit.
void check_golden(const std::string& test, const Metric& metric) {
  const auto& all = golden("losses.npz");
  for (const DType dtype : {float32, float64}) {
    INFO(test, " ", metric.name(), " ", std::string(name_of(dtype)));
    const Array got = values(metric, all.at(test + "/y_true").astype(dtype),
                             all.at(test + "/y_pred").astype(dtype));
    const Array& expected = all.at(test + "/accuracy");
    CHECK(got.shape() == expected.shape());
    CHECK(max_abs_difference(got.astype(float64), expected) == 0);
  }
}

// A case of metrics.npz: its metric, and the kind of its inputs.
struct Case {
  std::string name, kind;
  Metric metric;
};

std::vector<Case> f_scores() {
  std::vector<Case> cases;
  for (const std::string average : {"micro", "macro", "weighted"}) {
    cases.push_back({"F1Score/" + average, "classes", metrics::F1Score({.average = average})});
    const Metric f2 = metrics::FBetaScore({.average = average, .beta = 2, .threshold = 0.3});
    cases.push_back({"FBetaScore/" + average, "classes", f2});
  }
  return cases;
}

std::vector<Case> areas() {
  std::vector<Case> cases = {{"AUC", "binary", metrics::AUC()},
                             {"AUC/logits", "logits", metrics::AUC({.from_logits = true})},
                             {"AUC/classes", "classes", metrics::AUC({.num_thresholds = 50})}};
  for (const std::string curve : {"ROC", "PR"}) {
    for (const std::string method : {"interpolation", "minoring", "majoring"}) {
      const Metric area =
          metrics::AUC({.num_thresholds = 11, .curve = curve, .summation_method = method});
      cases.push_back({"AUC/" + curve + "_" + method, "binary", area});
    }
  }
  return cases;
}

std::vector<Case> top_k() {
  std::vector<Case> cases;
  for (const int k : {1, 2, 3}) {
    const std::string suffix = "TopKCategoricalAccuracy/" + std::to_string(k);
    cases.push_back({suffix, "classes", metrics::TopKCategoricalAccuracy({.k = k})});
    cases.push_back(
        {"Sparse" + suffix, "labels", metrics::SparseTopKCategoricalAccuracy({.k = k})});
  }
  return cases;
}

std::vector<Case> named_by_class() {
  using namespace metrics;
  return {{"TruePositives", "binary", TruePositives()},
          {"TrueNegatives", "binary", TrueNegatives()},
          {"FalsePositives", "binary", FalsePositives()},
          {"FalseNegatives", "binary", FalseNegatives()},
          {"Precision", "binary", Precision()},
          {"Recall", "binary", Recall()},
          {"BinaryAccuracy", "binary", BinaryAccuracy()},
          {"BinaryCrossentropy", "binary", BinaryCrossentropy()},
          {"Poisson", "binary", Poisson()},
          {"MeanSquaredError", "real", MeanSquaredError()},
          {"RootMeanSquaredError", "real", RootMeanSquaredError()},
          {"MeanAbsoluteError", "real", MeanAbsoluteError()},
          {"CosineSimilarity", "real", CosineSimilarity()},
          {"MeanAbsolutePercentageError", "real", MeanAbsolutePercentageError()},
          {"MeanSquaredLogarithmicError", "real", MeanSquaredLogarithmicError()},
          {"LogCoshError", "real", LogCoshError()},
          {"R2Score", "real", R2Score()},
          {"Hinge", "real", Hinge()},
          {"SquaredHinge", "real", SquaredHinge()},
          {"CategoricalAccuracy", "classes", CategoricalAccuracy()},
          {"CategoricalCrossentropy", "classes", CategoricalCrossentropy()},
          {"KLDivergence", "classes", KLDivergence()},
          {"CategoricalHinge", "classes", CategoricalHinge()},
          {"SparseCategoricalAccuracy", "labels", SparseCategoricalAccuracy()},
          {"SparseCategoricalCrossentropy", "labels", SparseCategoricalCrossentropy()}};
}

std::vector<Case> cases() {
  using namespace metrics;
  const PrecisionOptions of_class{.thresholds = 0.3, .class_id = 2};
  std::vector<Case> all = {
      {"BinaryAccuracy/threshold", "binary", BinaryAccuracy({.threshold = 0.25})},
      {"Precision/class", "classes", Precision(of_class)},
      {"Recall/class", "classes", Recall(of_class)},
      {"Precision/classes", "classes", Precision({.thresholds = 0.25})},
      {"R2Score/variance", "real", R2Score({.class_aggregation = "variance_weighted_average"})}};
  for (const auto& more : {f_scores(), areas(), top_k(), named_by_class()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

const Array& value(const std::string& key) { return golden("metrics.npz", key); }

double after_two_batches(const Case& test, DType dtype, bool weighted) {
  const auto part = [&](const std::string& key, std::int64_t begin, std::int64_t end) {
    return constant(value(key).slice(begin, end).astype(dtype));
  };
  const auto updated = [&](const Tensor& state, std::int64_t begin, std::int64_t end) {
    return test.metric.update_state(state, part(test.kind + "/y_true", begin, end),
                                    part(test.kind + "/y_pred", begin, end),
                                    weighted ? part("weights", begin, end) : Tensor());
  };
  return test.metric.result(eval(updated(updated({}, 0, 7), 7, 12)));
}

// Keras rounds log(2) to float32 in float64, too.
double rounding_of_keras(const std::string& name) {
  return name == "LogCoshError" ? std::numbers::ln2 - std::numbers::ln2_v<float> : 0;
}

const Array kRows = Array::of<float>({0.1F, 0.9F, 0.6F, 0.4F, 0.5F, 0.5F}, {3, 2});

}  // namespace

TEST_CASE("accuracies are Keras', with ties, extremes and the threshold itself") {
  check_golden("cce", "categorical_accuracy");
  check_golden("scce", "sparse_categorical_accuracy");
  check_golden("cce", "accuracy");
  check_golden("scce", "acc");
  // 0.5 + 1e-9 is 0.5 in float32, which counts as 0: Keras' row is for float64
  const auto& all = golden("losses.npz");
  const Array got = values("binary_accuracy", all.at("bce/y_true"), all.at("bce/y_pred"));
  CHECK(max_abs_difference(got, all.at("bce/accuracy")) == 0);
}

TEST_CASE("'accuracy' is what the shapes call for") {
  const auto mean_of = [](const Array& y_true, const Array& y_pred) {
    return mean(values("accuracy", y_true, y_pred));
  };
  const Array column = Array::of<float>({0.2F, 0.7F, 0.5F}, {3, 1});
  CHECK(mean_of(Array::of<float>({0, 1, 0}, {3, 1}), column) == 1);  // binary
  CHECK(mean_of(Array::of<float>({0, 1, 1}), column) == doctest::Approx(2.0 / 3));
  CHECK(mean_of(Array::of<float>({1, 0, 0}), kRows) == 1);  // sparse; the first of ties
  CHECK(mean_of(Array::of<float>({1, 0, 1}, {3, 1}), kRows) == doctest::Approx(2.0 / 3));
  CHECK(mean_of(Array::of<float>({0, 1, 1, 0, 1, 0}, {3, 2}), kRows) == 1);  // categorical
}

TEST_CASE("a metric keeps the name it was given; a loss or a function can be one") {
  CHECK(Metric("acc").name() == "acc");
  CHECK(Metric("mae").name() == "mae");
  for (const std::string& name : metrics::names()) CHECK(Metric(name).name() == name);
  const Array errors =
      values("mae", Array::of<float>({0, 2}, {1, 2}), Array::of<float>({1, 5}, {1, 2}));
  CHECK(errors.flat(0) == 2);
  const Metric largest("largest", [](const Tensor&, const Tensor& y_pred) { return y_pred; });
  CHECK(largest.name() == "largest");
  CHECK(max_abs_difference(values(largest, kRows, kRows), kRows) == 0);
}

TEST_CASE("metrics are Keras' after two batches, with and without weights, in both precisions") {
  for (const Case& test : cases()) {
    INFO(test.name);
    for (const DType dtype : {float64, float32}) {
      if (dtype == float64 && test.name.find("TopK") != std::string::npos) continue;
      const double tolerance = dtype == float64 ? Tolerance::kFloat64 : Tolerance::kFloat32Keras;
      for (const bool weighted : {false, true}) {
        const double expected = value(test.name + (weighted ? "/weighted" : "/plain")).flat(0);
        const double got = after_two_batches(test, dtype, weighted) + rounding_of_keras(test.name);
        CHECK(std::abs(got - expected) <= tolerance * std::max(1.0, std::abs(expected)));
      }
    }
  }
}

TEST_CASE("a metric is called on arrays as one batch") {
  const Array y = Array::of<float>({0, 1, 1, 0}), p = Array::of<float>({0.2F, 0.9F, 0.4F, 0.6F});
  CHECK(metrics::Precision()(y, p) == 0.5);
  CHECK(metrics::Recall()(y, p, Array::of<float>({1, 3, 1, 1})) == 0.75);
  CHECK(metrics::AUC()(y, p) == doctest::Approx(0.75));
  CHECK(Metric("mae")(y, p) == doctest::Approx(0.375));
  CHECK(metrics::Precision()(y, p * 0) == 0);
  CHECK(std::isnan(Metric("mae").result(Array({2}))));
  const Array many = Array::full({3000}, 1, float16);
  CHECK(metrics::TruePositives()(many, many) == 3000);  // more than float16 can count
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Array broken = Array::of<float>({nan, nan, 0.5F, 0.2F}, {2, 2});
  CHECK(metrics::SparseTopKCategoricalAccuracy({.k = 1})(Array::of<float>({0, 0}), broken) == 0.5);
}

TEST_CASE("a metric object is saved with its options and read again") {
  for (const Case& test : cases()) {
    INFO(test.name);
    Metric loaded = "mse";
    from_json(to_json(test.metric), loaded);
    CHECK(loaded.name() == test.metric.name());
    CHECK(loaded.direction() == test.metric.direction());
    CHECK(to_json(loaded) == to_json(test.metric));
    CHECK(after_two_batches(test, float64, true) ==
          after_two_batches({test.name, test.kind, loaded}, float64, true));
  }
}

TEST_CASE("every metric with a class is compared with Keras") {
  const std::vector<Case> all = cases();
  for (const std::string& name : metrics::names()) {
    const bool is_loss = std::ranges::count(losses::names(), name) > 0;
    if (is_loss || name == "accuracy" || name == "acc") continue;
    const std::string key = name == "log_cosh_error" ? "logcosh" : name;
    CAPTURE(name);
    CHECK(std::ranges::any_of(all, [&](const Case& test) { return test.metric.name() == key; }));
  }
}

TEST_CASE("own metrics are sums over samples, and what is made of them") {
  const Metric range(
      "range", Metric::Sums{[](const Tensor& y, const Tensor& p, const Tensor&) {
                              return ops::sum(y * p, {0});
                            },
                            [](const std::vector<double>& sums) { return sums[0] - sums[1]; }});
  CHECK(range(Array::full({3, 2}, 1), Array::of<float>({1, 2, 3, 4, 5, 6}, {3, 2})) == -3);
  CHECK_THROWS_WITH_AS(range.values(constant(kRows), constant(kRows)),
                       "[range] the metric is no mean of values: use update_state", NotSupported);
  CHECK_THROWS_WITH_AS(to_json(range), doctest::Contains("the metric 'range' is a function"),
                       NotSupported);
}

TEST_CASE("metrics say what is wrong") {
  CHECK_THROWS_WITH_AS(Metric("f1_score"), doctest::Contains("[F1Score] average must be "),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(metrics::F1Score(), doctest::Contains("[F1Score] average must be 'micro', "),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(metrics::Precision({.thresholds = 2}),
                       "[Precision] thresholds must be in [0, 1], received 2", InvalidArgument);
  CHECK_THROWS_WITH_AS(metrics::AUC({.curve = "roc"}),
                       "[AUC] curve must be 'ROC' or 'PR', received 'roc'", InvalidArgument);
  CHECK_THROWS_WITH_AS(metrics::Recall({.class_id = 2})(kRows, kRows),
                       "[recall] class_id must be in [0, 2), received 2", InvalidArgument);
  CHECK_THROWS_WITH_AS(metrics::AUC()(Array({3}), kRows),
                       "[auc] expected y_true and y_pred of one shape, received (3,) and (3, 2)",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(metrics::TopKCategoricalAccuracy({.k = 0}),
                       "[TopKCategoricalAccuracy] k must be at least 1, received 0",
                       InvalidArgument);
}

TEST_CASE("an unknown metric names the nearest") {
  CHECK_THROWS_WITH_AS(Metric("accurracy"),
                       doctest::Contains("unknown metric 'accurracy'. Did you mean 'accuracy'? "
                                         "Known: accuracy, acc, binary_accuracy, "),
                       InvalidArgument);
}
