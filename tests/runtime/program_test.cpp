#include <banach/core/errors.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/shape.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/program.hpp>
#include <doctest/doctest.h>

using namespace banach;

namespace {

std::shared_ptr<Program> make_program(const Tape& tape, ProgramOptions options = {}) {
  const BackendPtr backend = default_backend();
  return std::make_shared<Program>(lower(tape, *backend), backend, options);
}

double value(const Variable& variable) { return variable.value().flat(0); }

}  // namespace

TEST_CASE("assigns take effect after every value has been read: a swap swaps") {
  Variable a("a", Array::full({3}, 1)), b("b", Array::full({3}, 2));
  Tape tape;
  {
    Tape::Scope scope(tape);
    const Tensor old_a = a.tensor(), old_b = b.tensor();
    a.assign(old_b);
    b.assign(old_a);
    tape.outputs = {old_a + old_b * 10.0};
  }
  const ContextLease context = make_program(tape)->lease();
  context->run();
  CHECK(value(a) == 2);
  CHECK(value(b) == 1);
  CHECK(context->get_output(0).flat(0) == 21);
  context->run();
  CHECK(value(a) == 1);
  CHECK(context->get_output(0).flat(0) == 12);
}

TEST_CASE("a variable read after its assign on the tape gives the new value") {
  Variable a("a", Array::full({2}, 1));
  Tape tape;
  {
    Tape::Scope scope(tape);
    a.assign(a.tensor() + 1.0);
    a.assign(a.tensor() * 10.0);
    tape.outputs = {a.tensor()};
  }
  const ContextLease context = make_program(tape)->lease();
  context->run();
  CHECK(value(a) == 20);
  CHECK(context->get_output(0).flat(0) == 20);
}

TEST_CASE("an assign reads the old value even where later nodes need it") {
  Variable a("a", Array::full({2}, 3));
  Tape tape;
  {
    Tape::Scope scope(tape);
    const Tensor old = a.tensor();
    a.assign(old + 1.0);
    tape.outputs = {old * old};
  }
  const ContextLease context = make_program(tape)->lease();
  context->run();
  CHECK(context->get_output(0).flat(0) == 9);
  CHECK(value(a) == 4);
}

TEST_CASE("a context can be leased by many at once and keeps its own values") {
  Tape tape;
  Tape::Scope scope(tape);
  const Tensor x = tape.input("x", {2});
  tape.outputs = {ops::exp(x)};
  const auto program = make_program(tape);
  const ContextLease first = program->lease(), second = program->lease();
  first->set_input(0, Array::of<float>({0, 0}));
  second->set_input(0, Array::of<float>({1, 1}));
  first->run();
  second->run();
  CHECK(first->get_output(0).flat(0) == 1);
  CHECK(second->get_output(0).flat(0) == doctest::Approx(2.718281828));
}

TEST_CASE("contexts that run in turn can share an arena") {
  const auto exponential = [](std::int64_t size) {
    Tape tape;
    Tape::Scope scope(tape);
    tape.outputs = {ops::exp(tape.input("x", {size}))};
    return make_program(tape);
  };
  const auto large = exponential(1000), small = exponential(10);
  const ContextLease first = large->lease(), second = small->lease_in(first->arena());
  CHECK(second->arena().data() == first->arena().data());
  CHECK(large->lease_in(second->arena())->arena().data() == first->arena().data());
  for (int i = 0; i < 2; ++i) {
    first->set_input(0, Array::full({1000}, 1));
    first->run();
    CHECK(first->get_output(0).flat(999) == doctest::Approx(2.718281828));
    second->set_input(0, Array({10}));
    second->run();
    CHECK(second->get_output(0).flat(9) == 1);
  }
  const ContextLease own = large->lease_in(small->lease()->arena());  // too small
  CHECK(own->arena().size() >= large->arena_bytes());
}

TEST_CASE("check_values names the op and the layer that gave the first NaN") {
  Tape tape;
  Tape::Scope scope(tape);
  const Tensor x = tape.input("x", {2});
  Tensor y;
  {
    NameScope layer("bad_layer");
    y = ops::log(x);
  }
  tape.outputs = {y + 1.0};
  const ContextLease context = make_program(tape, {.check_values = true})->lease();
  context->set_input(0, Array::of<float>({1, -1}));
  CHECK_THROWS_WITH_AS(context->run(), doctest::Contains("[bad_layer] 'log' gave NaN"),
                       RuntimeError);
}

TEST_CASE("inputs of another shape are refused") {
  Tape tape;
  Tape::Scope scope(tape);
  tape.outputs = {ops::exp(tape.input("x", {2}))};
  const ContextLease context = make_program(tape)->lease();
  CHECK_THROWS_AS(context->set_input(0, Array({3})), InvalidArgument);
}

TEST_CASE("views and kernels in place take no memory of their own") {
  Tape tape;
  Tape::Scope scope(tape);
  Tensor x = tape.input("x", {16, 16});  // a block of its own: it is fed from outside
  for (int i = 0; i < 20; ++i) x = ops::exp(ops::reshape(x, {i % 2 == 0 ? 256 : 16, -1}));
  tape.outputs = {x};
  CHECK(make_program(tape)->arena_bytes() == 2 * 16 * 16 * sizeof(float));
}

TEST_CASE("an arena that no memory holds is refused in words, with the largest values") {
  const auto program = [](std::int64_t batch) {
    Tape tape;
    Tape::Scope scope(tape);
    const Tensor x = tape.input("x", {batch, 10});
    const NameScope layer("net/wide");
    tape.outputs = {ops::broadcast_to(ops::reshape(ops::exp(x), {batch, 10, 1}), {batch, 10, 8})};
    return make_program(tape);
  };
  CHECK_THROWS_WITH_AS(
      program(std::int64_t{1} << 36)->lease(),
      doctest::Contains("[program] a step takes 27.5 TB for activations and scratch: [memory] 27.5 "
                        "TB are needed and "),
      RuntimeError);
  CHECK_THROWS_WITH_AS(
      program(std::int64_t{1} << 36)->lease(),
      doctest::Contains(
          " are available. The largest: 22 TB for broadcast_to of net/wide, "
          "(68719476736, 10, 8); 2.75 TB for input x, (68719476736, 10); 2.75 TB for "
          "exponential of net/wide, (68719476736, 10). Take a smaller batch_size or a "
          "smaller model. A batch of about "),
      RuntimeError);
  CHECK_THROWS_WITH_AS(program(std::int64_t{1} << 44),
                       doctest::Contains("[program] no memory holds 704 TB for input x, "),
                       RuntimeError);
}
