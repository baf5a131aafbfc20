#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/models/eager.hpp>
#include <banach/nn/metrics.hpp>
#include <doctest/doctest.h>
#include <tests/support/golden.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

Array values(const Metric& metric, const Array& y_true, const Array& y_pred) {
  return eval(metric(constant(y_true), constant(y_pred)));
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

TEST_CASE("an unknown metric names the nearest") {
  CHECK_THROWS_WITH_AS(Metric("accurracy"),
                       doctest::Contains("unknown metric 'accurracy'. Did you mean 'accuracy'? "
                                         "Known: accuracy, acc, binary_accuracy, "),
                       InvalidArgument);
}
