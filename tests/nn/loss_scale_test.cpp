#include <banach/core/errors.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/loss_scale.hpp>
#include <banach/runtime/program.hpp>
#include <doctest/doctest.h>
#include <tests/nn/optimizer_cases.hpp>
#include <tests/support/check_op.hpp>
#include <tests/support/golden.hpp>

#include <limits>

using namespace banach;
using namespace banach::optimizers;
using namespace banach::testing;

namespace {

const Array& expected(const std::string& key) { return golden("loss_scale.npz", key); }

void check_trajectory(const OptimizerCase& test, DType dtype, const char* backend,
                      double tolerance) {
  const std::string key = test.key;
  INFO(key, " ", std::string(backend));
  const std::vector<Variable> variables = {{"a", expected("a/start").astype(dtype)},
                                           {"b", expected("b/start").astype(dtype)}};
  const Optimizer optimizer =
      LossScaleOptimizer(test.make(), {.initial_scale = 1024, .dynamic_growth_steps = 2});
  const Tape tape = update_tape(optimizer, variables);
  for (std::int64_t step = 0; step < expected(key + "/scale").dim(0); ++step) {
    CAPTURE(step);
    const Array a = expected(key + "/gradients/a")[step], b = expected(key + "/gradients/b")[step];
    run_tape(tape, {a.astype(dtype), b.astype(dtype)}, get_backend(backend));
    for (const Variable& v : variables) {
      CHECK(relative_difference(v.value(), expected(key + "/" + v.name())[step]) <= tolerance);
    }
    const double scale = optimizer.loss_scale()->dynamic_scale.value().flat(0);
    CHECK(scale == expected(key + "/scale").flat(step));
  }
  std::vector<Variable> state = optimizer.variables();
  if (key == "nadam") state.pop_back();  // Keras forgets its product there
  CHECK(!golden("loss_scale.npz").contains(key + "/s" + std::to_string(state.size())));
  for (std::size_t i = 0; i < state.size(); ++i) {
    CAPTURE(i);
    const Array value = state[i].value();
    CHECK(relative_difference(value, expected(key + "/s" + std::to_string(i))) <= tolerance);
  }
}

// A rule of a user's own: its op knows nothing of scales.
class StepOp final : public Op {
 public:
  std::string name() const override { return "step"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override { return {inputs[2].spec()}; }
  Tensors lower(const Tensors& inputs) const override {
    return {inputs[2] - inputs[0] * inputs[1]};
  }
};

Optimizer own_rule(double rate) {
  return Optimizer({"Step", "step", {}, false, std::make_shared<StepOp>()}, rate);
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("LossScaleOptimizer follows Keras' trajectories over gradients that are not finite") {
  int checked = 0;
  for (const OptimizerCase& test : optimizer_cases()) {
    if (!golden("loss_scale.npz").contains(std::string(test.key) + "/scale")) continue;
    check_trajectory(test, float64, "reference", test.tolerance);
    check_trajectory(test, float32, "cpu", Tolerance::kFloat32Keras);
    ++checked;
  }
  CHECK(checked == 8);
}

TEST_CASE("a skipped step changes no bit of weights, slots and step number") {
  const Variable w("w", Array::of<float>({0.1F, -2, 3e-5F}));
  const Optimizer optimizer = LossScaleOptimizer(Adam(0.1, {.weight_decay = 0.5, .use_ema = true}));
  const Tape tape = update_tape(optimizer, {w});
  const auto step = [&](float last) {
    run_tape(tape, {Array::of<float>({512, 1, last})}, get_backend("cpu"));
  };
  step(7);
  std::vector<Array> before = {w.value()};
  for (const Variable& v : optimizer.inner_optimizer().variables()) before.push_back(v.value());
  CHECK(optimizer.iterations() == 1);
  for (const double bad : {kInfinity, -kInfinity, std::nan("")}) {
    CAPTURE(bad);
    step(static_cast<float>(bad));
    CHECK(max_abs_difference(w.value(), before[0]) == 0);
    const std::vector<Variable> state = optimizer.inner_optimizer().variables();
    for (std::size_t i = 0; i < state.size(); ++i) {
      CHECK(max_abs_difference(state[i].value(), before[i + 1]) == 0);
    }
  }
  CHECK(optimizer.loss_scale()->dynamic_scale.value().flat(0) == 32768.0 / 8);
  step(7);
  CHECK(optimizer.iterations() == 2);
  CHECK(max_abs_difference(w.value(), before[0]) > 0);
}

TEST_CASE("a rule of one's own is scaled and skipped too") {
  const Variable w("w", Array::full({2}, 1));
  const Optimizer optimizer = LossScaleOptimizer(own_rule(0.5), {.initial_scale = 4});
  const Tape tape = update_tape(optimizer, {w});
  run_tape(tape, {Array::of<float>({4, 8})}, get_backend("cpu"));
  CHECK(w.value().flat(0) == 0.5);
  CHECK(w.value().flat(1) == 0);
  run_tape(tape, {Array::of<float>({4, static_cast<float>(kInfinity)})}, get_backend("cpu"));
  CHECK(w.value().flat(0) == 0.5);
  CHECK(w.value().flat(1) == 0);
}

TEST_CASE("a rule of one's own gets gradients in the dtype of its weights") {
  for (const DType dtype : {float64, float16}) {
    const Variable w("w", Array::full({2}, 1, dtype));
    const Optimizer optimizer = LossScaleOptimizer(own_rule(0.5), {.initial_scale = 4});
    const Array g = Array::of<float>({4, 8}).astype(dtype);
    run_tape(update_tape(optimizer, {w}), {g}, get_backend("cpu"));
    CHECK(w.value().flat(0) == 0.5);
    CHECK(w.value().flat(1) == 0);
  }
}

TEST_CASE("scales that are no powers of two divide gradients too") {
  const Variable w("w", Array::full({2}, 1));
  const Optimizer optimizer = LossScaleOptimizer(SGD(1), {.initial_scale = 1000});
  run_tape(update_tape(optimizer, {w}), {Array::of<float>({100, -700})}, get_backend("cpu"));
  CHECK(w.value().flat(0) == doctest::Approx(0.9).epsilon(Tolerance::kFloat32));
  CHECK(w.value().flat(1) == doctest::Approx(1.7).epsilon(Tolerance::kFloat32));
}

TEST_CASE("a fixed loss_scale_factor divides the gradients before they are clipped") {
  const Variable w("w", Array::full({2}, 1));
  const Optimizer optimizer = SGD(1, {.clipvalue = 0.5, .loss_scale_factor = 8});
  run_tape(update_tape(optimizer, {w}), {Array::of<float>({2, 64})}, get_backend("cpu"));
  CHECK(w.value().flat(0) == 0.75);
  CHECK(w.value().flat(1) == 0.5);
  Tape tape;
  const Tape::Scope scope(tape);
  const Tensor loss = tape.input("loss", {});
  tape.outputs = {optimizer.scale_loss(loss)};
  CHECK(run_tape(tape, {Array::full({}, 3)}, get_backend("cpu"))[0].flat(0) == 24);
}

TEST_CASE("the wrapper shares what the optimizer has, and takes its fixed factor away") {
  Optimizer inner = SGD(0.1, {.momentum = 0.9, .loss_scale_factor = 8});
  Optimizer scaled = LossScaleOptimizer(inner);
  CHECK(scaled.class_name() == "LossScaleOptimizer");
  CHECK(scaled.name() == "loss_scale_optimizer");
  CHECK(inner.name() == "sgd");
  CHECK(!inner.options().loss_scale_factor);
  scaled.set_learning_rate(0.25);
  CHECK(inner.learning_rate() == 0.25);
  const std::vector<Variable> weights = {{"w", Array({2})}};
  CHECK(!scaled.is_built());
  scaled.build(weights);
  CHECK(inner.is_built());
  std::vector<std::string> names;
  for (const Variable& variable : scaled.variables()) names.push_back(variable.name());
  CHECK(names == std::vector<std::string>{"iteration", "learning_rate", "step_counter",
                                          "dynamic_scale", "iteration", "learning_rate",
                                          "w_momentum"});
  CHECK(inner.variables().size() == 3);
}

TEST_CASE("what a loss scale cannot be is refused") {
  CHECK_THROWS_WITH_AS(
      LossScaleOptimizer("adam", {.initial_scale = 0}),
      "[LossScaleOptimizer] initial_scale must be a number > 0 that float32 holds, received 0",
      InvalidArgument);
  for (const double scale : {1e39, 1e-50, 1e-39, -1.0, std::nan("")}) {
    CHECK_THROWS_AS(LossScaleOptimizer("adam", {.initial_scale = scale}), InvalidArgument);
    CHECK_THROWS_AS(SGD(0.1, {.loss_scale_factor = scale}), InvalidArgument);
  }
  CHECK_THROWS_WITH_AS(LossScaleOptimizer("adam", {.dynamic_growth_steps = 0}),
                       "[LossScaleOptimizer] dynamic_growth_steps must be >= 1, received 0",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(LossScaleOptimizer(LossScaleOptimizer("adam")),
                       "[LossScaleOptimizer] the inner optimizer 'loss_scale_optimizer' has a "
                       "loss scale already: pass its inner_optimizer()",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(
      SGD(0.1, {.loss_scale_factor = 0}),
      "[SGD] loss_scale_factor must be a number > 0 that float32 holds, received 0",
      InvalidArgument);
  Json json = golden_config("optimizers", "loss_scale");
  json["config"]["clipnorm"] = 1;
  Optimizer read = "sgd";
  CHECK_THROWS_WITH_AS(from_json(json, read),
                       "[LossScaleOptimizer] clipnorm: received 1, only null is supported",
                       NotSupported);
}

TEST_CASE("next_loss_scale halves at once and doubles after enough finite steps") {
  LossScaleState state{8, 0};
  const auto check = [&](bool finite, float scale, std::int64_t steps) {
    state = next_loss_scale(state, finite, 3);
    CHECK(state.scale == scale);
    CHECK(state.steps == steps);
  };
  check(true, 8, 1);
  check(true, 8, 2);
  check(true, 16, 0);
  check(true, 16, 1);
  check(false, 8, 0);
  check(false, 4, 0);
}
