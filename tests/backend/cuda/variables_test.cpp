#include <banach/graph/tape.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/program.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

using namespace banach;

namespace {

Array numbers(std::vector<float> values) {
  Array array({static_cast<std::int64_t>(values.size())});
  std::ranges::copy(values, array.mutable_values<float>().begin());
  return array;
}

std::vector<float> values_of(const Variable& variable) {
  const Array value = variable.value();
  const auto values = value.values<float>();
  return {values.begin(), values.end()};
}

// variable <- variable * 2, with the value before as its output.
std::shared_ptr<const Program> doubling(const Variable& variable, const char* backend) {
  Tape tape;
  Tape::Scope scope(tape);
  const Tensor before = variable.tensor();
  variable.assign(before * constant(2, float32));
  tape.outputs = {before * constant(1, float32)};
  return std::make_shared<Program>(lower(tape, *get_backend(backend)), get_backend(backend));
}

using Numbers = std::vector<float>;

}  // namespace

TEST_CASE("what a program of the GPU writes is read on the host, after any number of runs") {
  Variable variable("v", numbers({1, -2, 3}));
  const auto program = doubling(variable, "cuda:0");
  const ContextLease context = program->lease();
  CHECK(values_of(variable) == Numbers{1, -2, 3});
  context->run();
  CHECK(values_of(variable) == Numbers{2, -4, 6});
  context->run();
  context->run();
  CHECK(values_of(variable) == Numbers{8, -16, 24});
  CHECK(context->get_output(0).flat(2) == 12);
}

TEST_CASE("an assigned value is what the GPU computes with next") {
  Variable variable("v", numbers({1, 1, 1}));
  const auto program = doubling(variable, "cuda:0");
  const ContextLease context = program->lease();
  context->run();
  variable.assign(numbers({5, 6, 7}));
  CHECK(values_of(variable) == Numbers{5, 6, 7});
  context->run();
  CHECK(values_of(variable) == Numbers{10, 12, 14});
}

TEST_CASE("programs of the host and of the GPU see what the other wrote") {
  Variable variable("v", numbers({1, 2}));
  const auto gpu = doubling(variable, "cuda:0"), host = doubling(variable, "cpu");
  const ContextLease on_gpu = gpu->lease(), on_host = host->lease();
  on_gpu->run();
  on_host->run();
  CHECK(values_of(variable) == Numbers{4, 8});
  on_host->run();
  on_gpu->run();
  on_gpu->run();
  on_host->run();
  CHECK(on_host->get_output(0).flat(1) == 64);
  CHECK(values_of(variable) == Numbers{64, 128});
}

TEST_CASE("what is written in place reaches the GPU when it is told") {
  Variable variable("v", numbers({1, 2}));
  const auto program = doubling(variable, "cuda:0");
  const ContextLease context = program->lease();
  context->run();
  const Numbers placed = {30, 40};
  std::memcpy(variable.data(), placed.data(), sizeof(float) * placed.size());
  variable.written_in_place();
  context->run();
  CHECK(values_of(variable) == Numbers{60, 80});
}

TEST_CASE("two programs of the GPU share a variable's copy") {
  Variable variable("v", numbers({3}));
  const auto first = doubling(variable, "cuda:0"), second = doubling(variable, "cuda:0");
  const ContextLease a = first->lease(), b = second->lease();
  a->run();
  b->run();
  a->run();
  CHECK(values_of(variable) == Numbers{24});
}

TEST_CASE("a variable that the GPU only reads stays current on the host") {
  Variable variable("v", numbers({2, 3}));
  Tape tape;
  {
    Tape::Scope scope(tape);
    tape.outputs = {variable.tensor() * variable.tensor()};
  }
  const BackendPtr gpu = get_backend("cuda:0");
  CHECK(evaluate_tape(tape, gpu)[0].flat(1) == 9);
  const auto host = doubling(variable, "cpu");
  host->lease()->run();
  CHECK(evaluate_tape(tape, gpu)[0].flat(1) == 36);
}
