#include <banach/backend/backend.hpp>
#include <banach/backend/devices.hpp>
#include <banach/core/errors.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/runtime/program.hpp>
#include <doctest/doctest.h>
#include <tests/backend/cuda/new_process.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

config::PhysicalDevice gpu() { return config::list_physical_devices("GPU").at(0); }

std::shared_ptr<const Program> exponential(std::int64_t batch, std::int64_t width) {
  Tape tape;
  Tape::Scope scope(tape);
  const Tensor x = tape.input("x", {batch, width});
  const NameScope layer("net/wide");
  tape.outputs = {ops::exp(x)};
  return std::make_shared<Program>(tape, get_backend("cuda:0"));
}

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

}  // namespace

TEST_SUITE("child") {
  TEST_CASE("child memory limit" * doctest::skip()) {
    config::set_logical_device_configuration(gpu(), {{.memory_limit = 16}});
    CHECK_THROWS_WITH_AS(config::set_memory_growth(gpu(), true),
                         "Cannot set memory growth on device when virtual devices configured",
                         InvalidArgument);
    CHECK(exponential(1, 1000)->lease()->arena().size() > 0);
    const auto program = exponential(1000, 10'000);  // 2 x 40 MB
    CHECK_THROWS_WITH_AS(program->lease(),
                         doctest::Contains("are needed on GPU:0 and 16.8 MB are available of its "
                                           "memory_limit of 16.8 MB, "),
                         RuntimeError);
    CHECK_THROWS_WITH_AS(program->lease(), doctest::Contains("40 MB for exponential of net/wide"),
                         RuntimeError);
    CHECK_THROWS_WITH_AS(program->lease(), doctest::Contains("A batch of about 209 fits."),
                         RuntimeError);
    CHECK(exponential(200, 10'000)->lease()->arena().size() > 0);
  }
  TEST_CASE("child memory growth" * doctest::skip()) {
    config::set_memory_growth(gpu(), true);
    CHECK(config::get_memory_growth(gpu()));
    CHECK_THROWS_AS(config::set_logical_device_configuration(gpu(), {{.memory_limit = 16}}),
                    InvalidArgument);
    CHECK_THROWS_AS(config::set_logical_device_configuration(gpu(), {}), InvalidArgument);
    const ContextLease context = exponential(10, 10)->lease();
    CHECK_THROWS_WITH_AS(config::set_memory_growth(gpu(), false),
                         "Physical devices cannot be modified after being initialized",
                         RuntimeError);
    CHECK_THROWS_AS(config::set_logical_device_configuration(gpu(), {{.memory_limit = 16}}),
                    RuntimeError);
  }
  TEST_CASE("child full" * doctest::skip()) {
    const auto program = exponential(10'000, 1000);
    CHECK_THROWS_WITH_AS(program->lease(), doctest::Contains("are needed on GPU:0 and "),
                         RuntimeError);
    CHECK(exponential(10, 10)->lease()->arena().size() > 0);  // and it goes on
  }
  TEST_CASE("child lost" * doctest::skip()) {
    const ContextLease context = exponential(10, 10)->lease();
    context->set_input(0, Array({10, 10}));
    context->run();
    CHECK_THROWS_WITH_AS(context->get_output(0),
                         doctest::Contains("CUDA error 700 (cudaErrorIllegalAddress)"),
                         DeviceError);
    CHECK_THROWS_AS(context->run(), DeviceError);
  }
}

TEST_CASE("memory is limited and grows as configured, before the GPU is used first") {
  check_in_new_process("child memory limit");
  check_in_new_process("child memory growth");
}

TEST_CASE("more than any GPU has is refused, and it goes on") {
  const auto program = exponential(1 << 20, 1 << 20);  // 4 TiB and more
  CHECK_THROWS_WITH_AS(program->lease(), doctest::Contains("are needed on GPU:0 and "),
                       RuntimeError);
  const ContextLease context = exponential(1, 2)->lease();
  context->set_input(0, Array({1, 2}));
  context->run();
  CHECK(context->get_output(0).flat(1) == 1);
}

TEST_SUITE("emulated") {
  TEST_CASE("a full GPU is refused in words, a lost one too") {
    check_in_new_process("child full", {{"BANACH_EMULATED_MEMORY", "30000000"}});
    check_in_new_process("child lost", {{"BANACH_EMULATED_FAILURE", "1"}});
  }
}

TEST_CASE("get_memory_info counts what is given and what was given at most") {
  const config::MemoryInfo before = config::get_memory_info("GPU:0");
  {
    const Buffer buffer = get_backend("cuda:0")->allocate(3 * kMiB);
    CHECK(config::get_memory_info("GPU:0").current == before.current + 3 * kMiB);
  }
  CHECK(config::get_memory_info("GPU:0").current == before.current);
  CHECK(config::get_memory_info("GPU:0").peak >= before.current + 3 * kMiB);
  CHECK_THROWS_AS(config::get_memory_info("CPU:0"), InvalidArgument);
}

TEST_CASE("memory comes zeroed, and is written and read in the order of calls") {
  const BackendPtr gpu = get_backend("cuda:0");
  const Buffer buffer = gpu->allocate(8);
  std::int32_t values[2] = {1, 1};
  gpu->read(values, buffer.data(), 8);
  CHECK(values[0] == 0);
  values[0] = 5;
  gpu->write(buffer.data(), values, 4);
  values[0] = 6;
  gpu->read(values, buffer.data(), 4);
  CHECK(values[0] == 5);
}

TEST_CASE("inputs that were filled once stay, whichever are filled anew") {
  Tape tape;
  {
    Tape::Scope scope(tape);
    const Tensor x = tape.input("x", {2}), y = tape.input("y", {2});
    tape.outputs = {ops::exp(x), ops::exp(y)};
  }
  const auto program = std::make_shared<Program>(tape, get_backend("cuda:0"));
  const ContextLease context = program->lease();
  context->set_input(0, Array::of<float>({0, 0}));
  context->set_input(1, Array::of<float>({1, 1}));
  context->run();
  for (float x : {2.0F, 3.0F, 4.0F}) {
    context->set_input(0, Array::of<float>({x, x}));
    context->run();
    context->run();
    CHECK(context->get_output(0).flat(1) == doctest::Approx(std::exp(x)));
    CHECK(context->get_output(1).flat(1) == doctest::Approx(std::exp(1.0)));
  }
}
