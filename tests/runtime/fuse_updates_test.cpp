#include <banach/backend/backend.hpp>
#include <banach/nn/optimizers.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/program.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <functional>

using namespace banach;

namespace {

const Array kKernel = Array::full({256, 160}, 0.01), kBias({160});

// What a step on a dense layer of a large kernel and a bias needs: gradients by hand.
struct Step {
  explicit Step(Optimizer optimizer, std::int64_t batch = 20) : optimizer(std::move(optimizer)) {
    x = tape.input("x", {batch, 256});
    dz = tape.input("dz", {batch, 160});
  }
  // Appends the update with the gradient of the kernel, after dz W', the step's output.
  void update(const Tensor& kernel_gradient) {
    optimizer.build({kernel, bias});
    tape.outputs.push_back(ops::matmul(dz, kernel, false, true));
    optimizer.apply({kernel_gradient, ops::sum(dz, {0})}, {kernel, bias});
  }
  Tensor product() const { return ops::matmul(x, dz, true, false); }

  Variable kernel{"kernel", kKernel, true}, bias{"bias", kBias, true};
  Optimizer optimizer;
  Tape tape;
  Tape::Scope scope{tape};
  Tensor x, dz;
};

std::vector<std::string> names(const Tape& tape) {
  std::vector<std::string> result;
  for (const NodePtr& node : tape.schedule()) result.push_back(node->op->name());
  return result;
}

std::int64_t count(const Tape& tape, const std::string& name) {
  return std::ranges::count(names(tape), name);
}

Array values(const Shape& shape, double scale) {
  Array result(shape);
  std::span<float> all = result.mutable_values<float>();
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = static_cast<float>(scale * (static_cast<double>(i * 7919 % 1000) / 500 - 1));
  }
  return result;
}

// Kernel, bias and slots after three steps.
std::vector<Array> after_steps(Step& step, const Tape& tape) {
  const auto program =
      std::make_shared<Program>(lower(tape, *get_backend("cpu")), get_backend("cpu"));
  CHECK(program->dump().find(" copy") == std::string::npos);
  const ContextLease context = program->lease();
  for (int i = 1; i <= 3; ++i) {
    context->set_input(0, values(step.x.shape(), i));
    context->set_input(1, values(step.dz.shape(), 0.1 * i));
    context->run();
  }
  std::vector<Array> result = {step.kernel.value(), step.bias.value()};
  for (const Variable& variable : step.optimizer.variables()) result.push_back(variable.value());
  return result;
}

}  // namespace

TEST_CASE("a product that only its weight's update takes is fused with it, to the same bits") {
  const std::vector<std::function<Optimizer()>> optimizers = {
      [] { return optimizers::Adam(); },
      [] { return optimizers::AdamW(0.01, {.weight_decay = 0.1}); },
      [] { return optimizers::SGD(0.1); },
      [] { return optimizers::SGD(0.1, {.momentum = 0.9, .nesterov = true}); },
      [] { return optimizers::Nadam(); },
      [] { return optimizers::Adam(0.001, {.use_ema = true}); },
  };
  for (const auto& make : optimizers) {
    Step fused(make()), plain(make());
    for (Step* step : {&fused, &plain}) {
      const Tape::Scope scope(step->tape);
      step->update(step->product());
    }
    const Tape tape = fuse_updates(fused.tape, *get_backend("cpu"));
    CHECK(count(tape, "matmul_update") == 1);
    CHECK(count(tape, fused.optimizer.rule().op->name()) == 1);  // of the bias
    const auto got = after_steps(fused, tape), expected = after_steps(plain, plain.tape);
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      CAPTURE(i);
      CHECK(std::memcmp(got[i].raw(), expected[i].raw(), got[i].nbytes()) == 0);
    }
  }
}

TEST_CASE("a fused update waits for who reads the weight, and for nobody else") {
  Step step(optimizers::Adam());
  step.update(step.product());
  const Tensor late = ops::exp(step.tape.outputs[0]);
  step.tape.outputs = {late};
  const auto order = names(fuse_updates(step.tape, *get_backend("cpu")));
  const auto at = [&](const char* name) { return std::ranges::find(order, name) - order.begin(); };
  CHECK(at("matmul") < at("matmul_update"));
  CHECK(at("matmul_update") < at("adam"));
  CHECK(at("matmul_update") < at("exp"));
}

TEST_CASE("a gradient that something else takes is stored") {
  const auto fused = [](Step& step) {
    return count(fuse_updates(step.tape, *get_backend("cpu")), "matmul_update");
  };
  {
    Step step(optimizers::Adam());
    const Tensor gradient = step.product();
    step.update(gradient);
    step.tape.outputs.push_back(gradient);
    CHECK(fused(step) == 0);
  }
  {
    Step step(optimizers::Adam(0.001, {.clipnorm = 1.0}));
    step.update(step.product());
    CHECK(fused(step) == 0);
  }
  {
    Step step(optimizers::Adam());
    step.update(step.product() + step.kernel * 0.1);  // of a penalty
    CHECK(fused(step) == 0);
  }
}

TEST_CASE("a product of a variable stays apart from the update") {
  Step step(optimizers::Adam());
  const Variable other("other", Array({256, 20}), true);
  step.update(ops::matmul(other, step.dz));
  CHECK(count(fuse_updates(step.tape, *get_backend("cpu")), "matmul_update") == 0);
}

TEST_CASE("an update whose weights are all fused goes away") {
  Tape tape;
  const Tape::Scope scope(tape);
  const Variable kernel("kernel", kKernel, true);
  const Tensor x = tape.input("x", {20, 256}), dz = tape.input("dz", {20, 160});
  Optimizer optimizer = optimizers::SGD();
  optimizer.build({kernel});
  optimizer.apply({ops::matmul(x, dz, true, false)}, {kernel});
  const Tape fused = fuse_updates(tape, *get_backend("cpu"));
  CHECK(count(fused, "matmul_update") == 1);
  CHECK(count(fused, "sgd") == 0);
}

TEST_CASE("updates are fused where the backend has a kernel for it") {
  Step step(optimizers::Adam()), large(optimizers::Adam(), 1000);
  for (Step* s : {&step, &large}) {
    const Tape::Scope scope(s->tape);
    s->update(s->product());
  }
  const Tape same = fuse_updates(step.tape, *get_backend("reference"));
  CHECK(count(same, "matmul_update") == 0);
  CHECK(same.schedule().size() == step.tape.schedule().size());
  CHECK(count(fuse_updates(large.tape, *get_backend("cpu")), "matmul_update") == 0);
}
