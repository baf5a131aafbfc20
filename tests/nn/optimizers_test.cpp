#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <doctest/doctest.h>
#include <tests/nn/optimizer_cases.hpp>
#include <tests/support/check_op.hpp>
#include <tests/support/golden.hpp>

#include <limits>

using namespace banach;
using namespace banach::testing;

namespace {

const char* const kFile = "optimizers.npz";

// Runs one update of `variable` with each row of `gradients`; the variable after each, (rows, n).
Array trajectory(const Optimizer& optimizer, const Variable& variable, const Array& gradients,
                 const char* backend) {
  const Tape tape = update_tape(optimizer, {variable});
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

// Of one variable, in optimizers.npz.
constexpr OptimizerCase kCases[] = {
    {"sgd", [] { return optimizers::SGD(0.1); }},
    {"momentum", [] { return optimizers::SGD(0.05, {.momentum = 0.9F}); }},
    {"nesterov", [] { return optimizers::SGD(0.05, {.momentum = 0.9F, .nesterov = true}); }},
    {"adam", [] { return optimizers::Adam(0.001, {.beta_1 = 0.9F, .beta_2 = 0.999F}); }},
    {"adam_odd",
     [] { return optimizers::Adam(0.02, {.beta_1 = 0.8F, .beta_2 = 0.95F, .epsilon = 1e-3}); }},
    {"adam_default", [] { return optimizers::Adam(); }, Tolerance::kFloat64Rounded}};

const char* const kMore = "optimizers_more.npz";

using namespace optimizers;

const Array& more(const std::string& key) { return golden(kMore, key); }

void check_two_variables(const OptimizerCase& test, DType dtype, const char* backend,
                         double tolerance) {
  const std::string key = test.key;
  INFO(key, " ", std::string(backend), " ", std::string(name_of(dtype)));
  const std::vector<Variable> variables = {{"a", more("a/start").astype(dtype)},
                                           {"b", more("b/start").astype(dtype)}};
  Optimizer optimizer = test.make();
  const Tape tape = update_tape(optimizer, variables);
  const auto check = [&](const Array& got, const std::string& what) {
    INFO(what);
    CHECK(relative_difference(got, more(key + "/" + what)) <= tolerance);
  };
  for (std::int64_t step = 0; step < more("a/gradients").dim(0); ++step) {
    CAPTURE(step);
    const Array a = more("a/gradients")[step], b = more("b/gradients")[step];
    run_tape(tape, {a.astype(dtype), b.astype(dtype)}, get_backend(backend));
    for (const Variable& v : variables) {
      CHECK(relative_difference(v.value(), more(key + "/" + v.name())[step]) <= tolerance);
    }
  }
  const std::vector<Variable> state = optimizer.variables();
  CHECK(!golden(kMore).contains(key + "/s" + std::to_string(state.size())));
  for (std::size_t i = 0; i < state.size(); ++i) {
    check(state[i].value().astype(dtype), "s" + std::to_string(i));
  }
  optimizer.finalize_variable_values();
  for (const Variable& v : variables) check(v.value(), v.name() + "_final");
}

}  // namespace

TEST_CASE("optimizers follow Keras' trajectories") {
  for (const OptimizerCase& test : kCases) {
    check_golden(test.key, test.make(), float64, "reference", test.tolerance);
    check_golden(test.key, test.make(), float32, "cpu", Tolerance::kFloat32Keras);
  }
}

TEST_CASE("every optimizer and option follows Keras' trajectories of two variables") {
  for (const OptimizerCase& test : optimizer_cases()) {
    check_two_variables(test, float64, "reference", test.tolerance);
    check_two_variables(test, float32, "cpu", Tolerance::kFloat32Keras);
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

TEST_CASE("a schedule gives the rate of each step, and cannot be set") {
  Optimizer sgd = SGD(schedules::PiecewiseConstantDecay({0}, {0.5, 0.25}));
  const Variable w("w", Array::full({1}, 1));
  CHECK(sgd.learning_rate() == 0.5);
  CHECK(trajectory(sgd, w, Array::full({3, 1}, 1), "cpu").flat(2) == doctest::Approx(0));
  CHECK(sgd.learning_rate() == 0.25);
  CHECK_THROWS_WITH_AS(sgd.set_learning_rate(0.1),
                       "[SGD] the learning rate is the schedule PiecewiseConstantDecay and cannot "
                       "be set: make the optimizer with a number to set it",
                       InvalidArgument);
}

TEST_CASE("gradients that are not finite stay so when clipped by their norm") {
  const double infinite = std::numeric_limits<double>::infinity();
  const Variable w("w", Array::full({2}, 1));
  const Array g = Array::from<double>(std::vector<double>{infinite, 0}, {1, 2}).astype(float32);
  const Array after = trajectory(SGD(0.1, {.global_clipnorm = 1}), w, g, "cpu");
  CHECK(std::isnan(after.flat(1)));
}

TEST_CASE("variables are Keras': iteration, learning_rate, averages, then the slots") {
  const std::vector<Variable> weights = {{"dense/kernel", Array({2, 3})}, {"b", Array({3})}};
  const auto names = [&weights](Optimizer optimizer) {
    optimizer.build(weights);
    std::vector<std::string> result;
    for (const Variable& variable : optimizer.variables()) result.push_back(variable.name());
    return result;
  };
  using Names = std::vector<std::string>;
  CHECK(names("sgd") == Names{"iteration", "learning_rate"});
  CHECK(names(SGD(cosine())) == Names{"iteration"});
  CHECK(names(SGD(0.1, {.momentum = 0.5})) ==
        Names{"iteration", "learning_rate", "dense_kernel_momentum", "b_momentum"});
  CHECK(names(Adam(0.1, {.amsgrad = true, .use_ema = true})) ==
        Names{"iteration", "learning_rate", "dense_kernel_average", "b_average",
              "dense_kernel_momentum", "dense_kernel_velocity", "b_momentum", "b_velocity",
              "dense_kernel_velocity_hat", "b_velocity_hat"});
  CHECK(names(RMSprop(0.1, {.momentum = 0.5, .centered = true})) ==
        Names{"iteration", "learning_rate", "dense_kernel_velocity", "b_velocity",
              "dense_kernel_momentum", "b_momentum", "dense_kernel_average_gradient",
              "b_average_gradient"});
  CHECK(names("adagrad") ==
        Names{"iteration", "learning_rate", "dense_kernel_accumulator", "b_accumulator"});
  CHECK(names("adamax") == Names{"iteration", "learning_rate", "dense_kernel_momentum",
                                 "dense_kernel_norm", "b_momentum", "b_norm"});
  CHECK(names("nadam") == Names{"iteration", "learning_rate", "dense_kernel_momentum",
                                "dense_kernel_velocity", "b_momentum", "b_velocity", "variable"});
}

TEST_CASE("training goes on from a saved state") {
  const Array start = golden(kFile, "start"), gradients = golden(kFile, "gradients");
  const auto make = [] { return Nadam(0.1, {.use_ema = true}); };
  const Variable whole("w", start), resumed("w", start);
  trajectory(make(), whole, gradients, "reference");
  Optimizer first = make(), second = make();
  trajectory(first, resumed, gradients.slice(0, 2), "reference");
  second.build({resumed});
  std::vector<Variable> from = first.variables(), to = second.variables();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].assign(from[i].value());
  CHECK(second.iterations() == 2);
  trajectory(second, resumed, gradients.slice(2, 5), "reference");
  CHECK(max_abs_difference(resumed.value(), whole.value()) == 0);
}

TEST_CASE("optimizers have Keras' configs, and come back from them") {
  const std::pair<const char*, Optimizer> made[] = {
      {"sgd", SGD(0.1, {.momentum = 0.9, .nesterov = true, .clipnorm = 1, .name = "my_sgd"})},
      {"adam", Adam(0.001, {.amsgrad = true, .use_ema = true, .ema_overwrite_frequency = 10})},
      {"adamw", AdamW(0.01, {.global_clipnorm = 0.5})},
      {"rmsprop",
       RMSprop(0.001,
               {.momentum = 0.5, .centered = true, .weight_decay = 0.01, .clipvalue = 0.25})},
      {"adagrad", "adagrad"},
      {"nadam", "Nadam"},
      {"adamax", "ADAMAX"},
      {"scheduled", SGD(schedules::CosineDecay(0.1, 10))},
      {"constant_scale", SGD(0.1, {.loss_scale_factor = 8})},
      {"loss_scale",
       LossScaleOptimizer(Adam(0.25),
                          {.initial_scale = 1024, .dynamic_growth_steps = 100, .name = "scaled"})}};
  for (const auto& [name, optimizer] : made) {
    CAPTURE(std::string(name));
    const Json& json = golden_config("optimizers", name);
    CHECK(to_json(optimizer) == json);
    Optimizer read = "sgd";
    from_json(json, read);
    CHECK(to_json(read) == json);
  }
}

TEST_CASE("what a config asks for and is not there is said") {
  Optimizer read = "sgd";
  Json json = golden_config("optimizers", "adam");
  json["config"]["gradient_accumulation_steps"] = 4;
  CHECK_THROWS_WITH_AS(from_json(json, read),
                       "[Adam] gradient_accumulation_steps: received 4, only null is supported",
                       NotSupported);
  json["class_name"] = "Ftrl";
  CHECK_THROWS_AS(from_json(json, read), InvalidArgument);
}

TEST_CASE("optimizers have Keras' defaults, and say what is wrong") {
  CHECK(Optimizer("adam").learning_rate() == 0.001);
  CHECK(Optimizer("SGD").learning_rate() == 0.01);
  CHECK_THROWS_WITH_AS(Optimizer("adamm"),
                       "unknown optimizer 'adamm'. Did you mean 'adam'? Known: adagrad, "
                       "adam, adamax, adamw, nadam, rmsprop, sgd",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(optimizers::SGD(-1),
                       "[SGD] learning_rate must be a finite number >= 0, received -1",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(Optimizer("sgd").set_learning_rate(std::numeric_limits<double>::quiet_NaN()),
                       "[SGD] learning_rate must be a finite number >= 0, received nan",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(optimizers::SGD(0.1, {.momentum = 1.5}),
                       "[SGD] momentum must be in [0, 1], received 1.5", InvalidArgument);
  CHECK_THROWS_WITH_AS(optimizers::Adam(0.1, {.beta_1 = 1}),
                       "[Adam] beta_1 must be in [0, 1), received 1", InvalidArgument);
  CHECK_THROWS_WITH_AS(optimizers::Adam(0.1, {.epsilon = 0}),
                       "[Adam] epsilon must be positive, received 0", InvalidArgument);
  CHECK_THROWS_WITH_AS(SGD(0.1, {.clipnorm = 1, .clipvalue = 0.5}),
                       "[SGD] only one of clipnorm, clipvalue and global_clipnorm can be set, "
                       "received clipnorm=1, clipvalue=0.5",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(SGD(0.1, {.use_ema = true, .ema_momentum = 2}),
                       "[SGD] ema_momentum must be in [0, 1], received 2", InvalidArgument);
  CHECK_THROWS_AS(AdamW(0.1, {.weight_decay = {}}), InvalidArgument);
}
