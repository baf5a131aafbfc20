#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/regularizers.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/reduce.hpp>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::testing;
using namespace banach::regularizers;

namespace {

struct Case {
  const char* key;
  Regularizer regularizer;
  double tolerance = Tolerance::kFloat64;
};

const Case kCases[] = {
    {"l1", L1(0.25)},
    {"l2", L2(0.25)},
    {"l1_l2", L1L2(0.25, 0.5)},
    {"orthogonal_rows", OrthogonalRegularizer(0.25), Tolerance::kFloat32},
    {"orthogonal_columns", OrthogonalRegularizer(0.25, "columns"), Tolerance::kFloat32}};

// The penalty on a weight, and its gradient.
std::vector<Array> penalty(const Regularizer& regularizer, const Array& weight) {
  Tape tape;
  Tape::Scope scope(tape);
  const Tensor w = tape.input("w", weight.shape(), weight.dtype());
  const Tensor value = regularizer(w);
  tape.outputs = {value, gradients(value, {w})[0]};
  return run_tape(tape, {weight}, get_backend("reference"));
}

}  // namespace

TEST_CASE("regularizers give Keras' penalties and gradients") {
  for (const Case& test : kCases) {
    const std::string key = test.key;
    CAPTURE(key);
    const auto got = penalty(test.regularizer, golden("regularizers.npz", "w"));
    CHECK(relative_difference(got[0], golden("regularizers.npz", key)) <= test.tolerance);
    CHECK(relative_difference(got[1], golden("regularizers.npz", key + "_dw")) <= test.tolerance);
  }
}

TEST_CASE("regularizers have Keras' configs and come back from them, none is null") {
  for (const Case& test : kCases) {
    CAPTURE(std::string(test.key));
    Regularizer read;
    const Json& json = golden_config("regularizers", test.key);
    CHECK(to_json(test.regularizer) == json);
    from_json(json, read);
    CHECK(to_json(read) == json);
    const Array w = golden("regularizers.npz", "w");
    CHECK(penalty(read, w)[0].flat(0) == penalty(test.regularizer, w)[0].flat(0));
  }
  Regularizer none = "l2";
  from_json(Json(), none);
  CHECK_FALSE(none);
  CHECK(to_json(none).is_null());
}

TEST_CASE("regularizers by name have Keras' defaults, and say what is wrong") {
  CHECK(Regularizer("l1").config() == Json::dict({{"l1", 0.01}}));
  CHECK(Regularizer("L2").config() == Json::dict({{"l2", 0.01}}));
  CHECK(Regularizer("l1l2").config() == Json::dict({{"l1", 0.0}, {"l2", 0.0}}));
  CHECK_THROWS_WITH_AS(Regularizer("l3"),
                       "unknown regularizer 'l3'. Did you mean 'l1'? Known: l1, l2, l1l2, l1_l2, "
                       "orthogonal_regularizer",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(L2(-1), "[L2] l2 must be a finite number >= 0, received -1",
                       InvalidArgument);
  CHECK_THROWS_AS(OrthogonalRegularizer(0.1, "diagonal"), InvalidArgument);
  CHECK_THROWS_AS(penalty(OrthogonalRegularizer(), Array({2, 2, 2})), InvalidArgument);
  const Regularizer own = [](const Tensor& w) { return ops::sum(w); };
  CHECK(penalty(own, Array::full({3}, 2))[0].flat(0) == 6);
  CHECK_THROWS_AS(to_json(own), NotSupported);
}
