#include <banach/core/errors.hpp>
#include <banach/nn/optimizers.hpp>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

#include <limits>

using namespace banach;
using namespace banach::testing;

namespace {

const char* const kFile = "optimizers.npz";

// Runs one update of `variable` with each row of `gradients`; the variable after each, (rows, n).
Array trajectory(Optimizer optimizer, const Variable& variable, const Array& gradients,
                 const char* backend) {
  Tape tape;
  {
    Tape::Scope scope(tape);
    const Tensor gradient = tape.input("gradient", variable.shape(), variable.dtype());
    optimizer.build({variable});
    optimizer.apply({gradient}, {variable});
  }
  std::vector<double> rows;
  for (std::int64_t i = 0; i < gradients.dim(0); ++i) {
    run_tape(tape, {gradients[i]}, get_backend(backend));
    const Array value = variable.value();
    for (std::int64_t j = 0; j < value.size(); ++j) rows.push_back(value.flat(j));
  }
  return Array::from<double>(rows, {gradients.dim(0), variable.size()});
}

void check_golden(const char* key, const Optimizer& optimizer, DType dtype, const char* backend,
                  double tolerance) {
  INFO(std::string(key), " ", std::string(backend));
  const Variable variable("w", golden(kFile, "start").astype(dtype));
  const Array got =
      trajectory(optimizer, variable, golden(kFile, "gradients").astype(dtype), backend);
  CHECK(relative_difference(got, golden(kFile, key)) <= tolerance);
  CHECK(optimizer.iterations() == 5);
}

// Constants rounded as in tests/golden/README.md.
struct Case {
  const char* key;
  Optimizer (*make)();
  double tolerance = Tolerance::kFloat64;
};

constexpr Case kCases[] = {
    {"sgd", [] { return optimizers::SGD(0.1); }},
    {"momentum", [] { return optimizers::SGD(0.05, {.momentum = 0.9F}); }},
    {"nesterov", [] { return optimizers::SGD(0.05, {.momentum = 0.9F, .nesterov = true}); }},
    {"adam", [] { return optimizers::Adam(0.001, {.beta_1 = 0.9F, .beta_2 = 0.999F}); }},
    {"adam_odd",
     [] { return optimizers::Adam(0.02, {.beta_1 = 0.8F, .beta_2 = 0.95F, .epsilon = 1e-3}); }},
    {"adam_default", [] { return optimizers::Adam(); }, Tolerance::kFloat64Rounded}};

}  // namespace

TEST_CASE("optimizers follow Keras' trajectories") {
  for (const Case& test : kCases) {
    check_golden(test.key, test.make(), float64, "reference", test.tolerance);
    check_golden(test.key, test.make(), float32, "cpu", Tolerance::kFloat32Keras);
  }
}

TEST_CASE("several variables are updated as each alone") {
  const Array start = golden(kFile, "start"), g = golden(kFile, "gradients")[0];
  const Variable a("a", start), b("b", start * 2), alone("alone", start * 2);
  const Optimizer together = optimizers::Adam(0.01), single = optimizers::Adam(0.01);
  const auto step = [&g](Optimizer optimizer, const std::vector<Variable>& variables) {
    Tape tape;
    Tape::Scope scope(tape);
    optimizer.build(variables);
    optimizer.apply(Tensors(variables.size(), constant(g)), variables);
    run_tape(tape, {}, get_backend("cpu"));
  };
  step(together, {a, b});
  step(single, {alone});
  CHECK(max_abs_difference(b.value(), alone.value()) == 0);
  CHECK(max_abs_difference(a.value(), start) > 0);
}

TEST_CASE("a new learning rate takes effect in the next step") {
  Optimizer sgd = optimizers::SGD(0.1);
  const Variable w("w", Array::full({2}, 1));
  const Array g = Array::full({1, 2}, 1);
  CHECK(trajectory(sgd, w, g, "cpu").flat(0) == doctest::Approx(0.9));
  sgd.set_learning_rate(0.5);
  CHECK(sgd.learning_rate() == 0.5);
  CHECK(trajectory(sgd, w, g, "cpu").flat(0) == doctest::Approx(0.4));
}

TEST_CASE("variables are Keras': iteration, learning_rate, then each variable's slots in turn") {
  const std::vector<Variable> weights = {{"k", Array({2, 3})}, {"b", Array({3})}};
  const auto names = [&weights](Optimizer optimizer) {
    optimizer.build(weights);
    std::vector<std::string> result;
    for (const Variable& variable : optimizer.variables()) result.push_back(variable.name());
    return result;
  };
  using Names = std::vector<std::string>;
  CHECK(names("sgd") == Names{"iteration", "learning_rate"});
  CHECK(names(optimizers::SGD(0.1, {.momentum = 0.5})) ==
        Names{"iteration", "learning_rate", "k_momentum", "b_momentum"});
  CHECK(names("adam") == Names{"iteration", "learning_rate", "k_momentum", "k_velocity",
                               "b_momentum", "b_velocity"});
}

TEST_CASE("optimizers have Keras' defaults, and say what is wrong") {
  CHECK(Optimizer("adam").learning_rate() == 0.001);
  CHECK(Optimizer("SGD").learning_rate() == 0.01);
  CHECK_THROWS_WITH_AS(Optimizer("adamm"),
                       "unknown optimizer 'adamm'. Did you mean 'adam'? Known: adam, sgd",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(optimizers::SGD(-1),
                       "[sgd] learning_rate must be a finite number >= 0, received -1",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(Optimizer("sgd").set_learning_rate(std::numeric_limits<double>::quiet_NaN()),
                       "[sgd] learning_rate must be a finite number >= 0, received nan",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(optimizers::SGD(0.1, {.momentum = 1.5}),
                       "[SGD] momentum must be in [0, 1], received 1.5", InvalidArgument);
  CHECK_THROWS_WITH_AS(optimizers::Adam(0.1, {.beta_1 = 1}),
                       "[Adam] beta_1 must be in [0, 1), received 1", InvalidArgument);
  CHECK_THROWS_WITH_AS(optimizers::Adam(0.1, {.epsilon = 0}),
                       "[Adam] epsilon must be positive, received 0", InvalidArgument);
}
