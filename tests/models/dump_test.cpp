#include <banach/models/runtime.hpp>
#include <doctest/doctest.h>
#include <tests/support/golden.hpp>
#include <tests/support/nets.hpp>

using namespace banach;

TEST_CASE("the kernels of the tutorial's training step") {
  utils::clear_session();
  Sequential model = testing::tutorial_net();
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::Adam(),
                 .metrics = {"accuracy"}});
  const auto program =
      cached_program(model, {Mode::train, {Shape{250, 28, 28, 1}}, {Shape{250, 10}}});
  CHECK(program->dump({.memory = false, .implementation = false}) ==
        testing::golden_text("tutorial_step.txt"));
  // Three products forward, five backward (the image needs no gradient); bias, activation, dropout
  // and the update of the large kernel ride on them; crossentropy with accuracy and the means with
  // their gradients are six kernels on (250, 10) or less; one bias sum, one Adam, two counters.
  CHECK(program->num_kernels() <= 18);
}

TEST_CASE("the inference program has no dropout and no node but the layers'") {
  utils::clear_session();
  Sequential model = testing::tutorial_net();
  const auto program = cached_program(model, {Mode::predict, {Shape{1, 28, 28, 1}}, {}});
  CHECK(program->dump({.memory = false, .implementation = false}) ==
        "  0 fused_conv2d [3x3+bias+selu] sequential/conv2d -> (1, 26, 26, 32)\n"
        "  1 fused_matmul [nn+bias+selu] sequential/dense -> (1, 256)\n"
        "  2 fused_matmul [nn+bias] sequential/dense_1 -> (1, 10)\n"
        "  3 softmax sequential/dense_1 -> (1, 10)\n");
}

TEST_CASE("programs are kept per mode and batch shape") {
  Sequential model = testing::tutorial_net();
  model.compile({.loss = losses::categorical_crossentropy});
  const ProgramRequest full{Mode::evaluate, {Shape{32, 28, 28, 1}}, {Shape{32, 10}}};
  const ProgramRequest last{Mode::evaluate, {Shape{16, 28, 28, 1}}, {Shape{16, 10}}};
  const auto program = cached_program(model, full);
  CHECK(cached_program(model, full) == program);
  CHECK(cached_program(model, last) != program);
  for (std::int64_t n = 100; n < 140; ++n) {
    cached_program(model, {Mode::predict, {Shape{n, 28, 28, 1}}, {}});
  }
  CHECK(model.runtime().programs.size() <= 16);
}
