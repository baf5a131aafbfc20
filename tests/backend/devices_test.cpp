#include <banach/backend/devices.hpp>
#include <banach/core/errors.hpp>
#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("without CUDA there is one CPU and no GPU, and that is no error") {
  CHECK(config::list_physical_devices("GPU").empty());
  REQUIRE(config::experimental::list_physical_devices("CPU").size() == 1);
  CHECK(config::list_physical_devices()[0].name == "/physical_device:CPU:0");
  CHECK(config::list_logical_devices("CPU")[0].name == "/device:CPU:0");
  CHECK(config::experimental::list_logical_devices("GPU").empty());
}

TEST_CASE("memory growth is for GPUs that exist") {
  const auto cpu = config::list_physical_devices("CPU")[0];
  CHECK_THROWS_WITH_AS(config::set_memory_growth(cpu, true), doctest::Contains("expected a GPU"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(config::set_memory_growth({"/physical_device:GPU:7", "GPU"}, true),
                       doctest::Contains("no device"), InvalidArgument);
}

TEST_CASE("cpu_features names the instruction set that products run with") {
  const config::CpuFeatures cpu = config::cpu_features();
  CHECK_FALSE(cpu.simd.empty());
  CHECK(cpu.simd.find(':') == std::string::npos);
  CHECK((cpu.bfloat16.empty() || cpu.simd.starts_with("avx3")));
}
