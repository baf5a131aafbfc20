#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/constraints.hpp>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::testing;
using namespace banach::constraints;

namespace {

struct Case {
  const char* key;
  const char* weight;
  Constraint constraint;
};

const Case kCases[] = {
    {"max_norm", "w", MaxNorm()},
    {"max_norm_odd", "w", MaxNorm(1.25, 1)},
    {"non_neg", "w", NonNeg()},
    {"unit_norm", "w", UnitNorm()},
    {"unit_norm_filters", "kernel", UnitNorm({0, 1, 2})},
    {"min_max_norm", "w", MinMaxNorm({.min_value = 0.75, .max_value = 1.5, .rate = 0.5})}};

Array constrained(const Constraint& constraint, const Array& weight) {
  Tape tape;
  Tape::Scope scope(tape);
  tape.outputs = {constraint(tape.input("w", weight.shape(), weight.dtype()))};
  return run_tape(tape, {weight}, get_backend("reference"))[0];
}

}  // namespace

TEST_CASE("constraints make Keras' weights") {
  for (const Case& test : kCases) {
    CAPTURE(std::string(test.key));
    const Array got = constrained(test.constraint, golden("regularizers.npz", test.weight));
    CHECK(relative_difference(got, golden("regularizers.npz", test.key)) <= Tolerance::kFloat64);
  }
}

TEST_CASE("constraints have Keras' configs and come back from them, none is null") {
  for (const Case& test : kCases) {
    CAPTURE(std::string(test.key));
    Constraint read;
    const Json& json = golden_config("constraints", test.key);
    CHECK(to_json(test.constraint) == json);
    from_json(json, read);
    CHECK(to_json(read) == json);
    const Array w = golden("regularizers.npz", test.weight);
    CHECK(max_abs_difference(constrained(read, w), constrained(test.constraint, w)) == 0);
  }
  Constraint none = "non_neg";
  from_json(Json(), none);
  CHECK_FALSE(none);
  CHECK(to_json(none).is_null());
}

TEST_CASE("constraints by name, of your own, and unknown ones") {
  CHECK(Constraint("unit_norm").config() == Json::dict({{"axis", 0}}));
  CHECK(Constraint("MaxNorm").name() == "MaxNorm");
  CHECK_THROWS_WITH_AS(Constraint("maxnorm"),
                       "unknown constraint 'maxnorm'. Did you mean 'max_norm'? Known: max_norm, "
                       "non_neg, unit_norm, min_max_norm",
                       InvalidArgument);
  const Constraint own = [](const Tensor& w) { return w; };
  CHECK(constrained(own, Array::full({3}, 2)).flat(1) == 2);
  CHECK_THROWS_AS(to_json(own), NotSupported);
}
