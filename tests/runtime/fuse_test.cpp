#include <banach/backend/backend.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/activations.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/softmax.hpp>
#include <banach/runtime/fuse.hpp>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>

#include <algorithm>

using namespace banach;

namespace {

struct Dense {
  Tape tape;
  Tape::Scope scope{tape};
  Tensor x = tape.input("x", {4, 8});
  Tensor w = tape.input("w", {8, 6}), b = tape.input("b", {6});

  Tensor product() const { return ops::matmul(x, w) + b; }
  static Tensor alpha_dropout(const Tensor& y, double rate, const snn::FixedPoint& point = {}) {
    return ops::dropout(y, constant(Array({}, int64)), alpha_dropout_parameters(rate, 1, point),
                        y.shape());
  }
};

std::vector<std::string> names(const Tape& tape) {
  std::vector<std::string> result;
  for (const NodePtr& node : tape.schedule()) {
    const std::string name = node->op->name();
    if (name != "input" && name != "constant") result.push_back(name + node->op->attributes());
  }
  return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("dense, bias, selu and alpha dropout become one node") {
  Dense d;
  d.tape.outputs = {Dense::alpha_dropout(activations::selu(d.product()), 0.25)};
  CHECK(names(fuse(d.tape)) == Names{"fused_matmulnn+bias+selu+alpha_dropout(0.25)"});
}

TEST_CASE("selu and alpha dropout are fused when their fixed points are the same") {
  const std::vector<snn::FixedPoint> points = {{0, 1}, {0, 2}, {-.1, 2}};
  for (const snn::FixedPoint& selu : points) {
    for (const snn::FixedPoint& dropout : points) {
      Dense d;
      d.tape.outputs = {Dense::alpha_dropout(activations::selu(d.product(), selu), 0.25, dropout)};
      CHECK(names(fuse(d.tape)).size() == (selu == dropout ? 1 : 2));
    }
  }
}

TEST_CASE("selu that is used twice keeps its own node") {
  Dense d;
  const Tensor y = activations::selu(d.product());
  d.tape.outputs = {Dense::alpha_dropout(y, 0.25) + y};
  const Names fused = names(fuse(d.tape));
  CHECK(fused.front() == "fused_matmulnn+bias+selu");
  CHECK(fused.size() == 3);
}

TEST_CASE("alpha dropout after another activation, or plain dropout, stays a node") {
  Dense d;
  const Tensor y = activations::relu(d.product());
  const Tensor dropped =
      ops::dropout(y, constant(Array({}, int64)), dropout_parameters(0.5, 1), y.shape());
  d.tape.outputs = {Dense::alpha_dropout(y, 0.1), dropped};
  CHECK(names(fuse(d.tape)).size() == 3);
}

TEST_CASE("an activation whose slope needs its input is not fused") {
  Dense d;
  d.tape.outputs = {activations::gelu(d.product())};
  CHECK(names(fuse(d.tape)) == Names{"fused_matmulnn+bias", "gelu"});
}

TEST_CASE("softmax beside its crossentropy is computed once, and its accuracy in the same pass") {
  Dense d;
  const Tensor logits = d.product();
  const Tensor p = activations::softmax(logits);
  const Tensor y = d.tape.input("y", {4, 6});
  d.tape.outputs = {ops::softmax_crossentropy(y, logits), ops::categorical_match(y, p)};
  CHECK(names(fuse(d.tape)) == Names{"fused_matmulnn+bias", "softmax_crossentropy+match"});
}

TEST_CASE("the accuracy against other targets than the crossentropy's stays a node") {
  Dense d;
  const Tensor logits = d.product();
  const Tensor p = activations::softmax(logits);
  const Tensor y = d.tape.input("y", {4, 6}), other = d.tape.input("other", {4, 6});
  d.tape.outputs = {ops::softmax_crossentropy(y, logits), ops::categorical_match(other, p)};
  CHECK(names(fuse(d.tape)).back() == "categorical_match");
}

TEST_CASE("a product that only the gradient of an epilogue takes becomes one node with it") {
  const Epilogue selu{true, "selu"};
  const auto gradient = [&](const Tensor& dz, const Tensor& z) {
    return add_node(std::make_shared<EpilogueGradOp>(selu), {dz, z})[0];
  };
  const BackendPtr cpu = get_backend("cpu");
  {
    Dense d;
    const Tensor z = d.tape.input("z", {4, 2, 3});
    d.tape.outputs = {gradient(ops::reshape(ops::matmul(d.x, d.w), {4, 2, 3}), z)};
    const Tape fused = fuse_epilogue_grads(d.tape, *cpu);
    CHECK(names(fused) == Names{"matmul_epilogue_gradnn+bias+selu"});
    CHECK(fused.outputs[0].shape() == Shape{4, 2, 3});
    CHECK(names(fuse_epilogue_grads(d.tape, *get_backend("reference"))) == names(d.tape));
    CHECK(names(lower(fused, *get_backend("reference"))) ==
          Names{"matmulnn", "reshape(4, 2, 3)", "epilogue_grad+bias+selu"});
  }
  {
    Dense d;
    const Tensor z = d.tape.input("z", {4, 6}), product = ops::matmul(d.x, d.w);
    d.tape.outputs = {gradient(product, z), product};
    CHECK(names(fuse_epilogue_grads(d.tape, *cpu)) == Names{"matmulnn", "epilogue_grad+bias+selu"});
  }
}

TEST_CASE("what was dropped and stored in half precision has no gradient on any backend") {
  Epilogue epilogue{.bias = true, .activation = "selu", .parameters = {1.6732632, 1.0507009}};
  epilogue.alpha_dropout = alpha_dropout_parameters(0.1, 1);
  for (const DType half : {bfloat16, float16}) {
    for (const char* name : {"cpu", "reference"}) {
      CAPTURE(name_of(half));
      CAPTURE(std::string(name));
      const Array stored = Array::full({4, 8}, epilogue.alpha_dropout->c, half);
      Tape tape;
      {
        const Tape::Scope scope(tape);
        const Tensor dz = constant(Array::full({4, 8}, 1, half)), z = constant(stored);
        tape.outputs = add_node(std::make_shared<EpilogueGradOp>(epilogue), {dz, z});
      }
      for (const Array& gradient : testing::run_tape(tape, {}, get_backend(name))) {
        CHECK(max_abs_difference(gradient, Array(gradient.shape(), half)) == 0);
      }
    }
  }
}
