// What a program meets on machines whose GPU cannot be used, each in a process of its own. These
// are for the emulated GPU alone: its environment variables make the machine.
#include <banach/backend/backend.hpp>
#include <banach/backend/devices.hpp>
#include <banach/backend/gpu_module.hpp>
#include <banach/core/errors.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <tests/backend/cuda/new_process.hpp>
#include <tests/nn/warnings.hpp>

#include <cstdlib>

using namespace banach;
using namespace banach::testing;

namespace {

std::string module_folder() {
  const std::string module = std::getenv("BANACH_CUDA_MODULE");
  return module.substr(0, module.rfind('/'));
}

// The GPUs of this machine are none; the warning about it.
std::string warning_of_no_gpu() {
  const WarningRecorder warnings;
  CHECK(config::list_physical_devices("GPU").empty());
  CHECK(config::list_logical_devices("GPU").empty());
  CHECK(default_backend()->name() == "cpu");
  return warnings.size() == 0 ? "" : warnings[0];
}

}  // namespace

TEST_SUITE("child") {
  TEST_CASE("child no gpu" * doctest::skip()) {
    CHECK(warning_of_no_gpu().empty());
    const std::string why = config::why_no_gpu();
    CHECK((why.starts_with("there is no ") || why.starts_with("the NVIDIA driver shows no GPU")));
    CHECK_THROWS_WITH_AS(device("GPU:0"), doctest::Contains(why.c_str()), NotFound);
    CHECK_THROWS_AS(get_backend("cuda:0"), NotFound);
  }
  TEST_CASE("child no module" * doctest::skip()) {
    CHECK(warning_of_no_gpu().find("is no module of banach: it has no banach_gpu_module") !=
          std::string::npos);
    CHECK_THROWS_WITH_AS(device("GPU:0"), doctest::Contains("is no module"), DeviceError);
  }
  TEST_CASE("child other version" * doctest::skip()) {
    CHECK(warning_of_no_gpu().find("is of banach 0.0.1 (interface ") != std::string::npos);
    CHECK_THROWS_WITH_AS(get_backend("cuda:0"), doctest::Contains("install both from one build"),
                         DeviceError);
  }
  TEST_CASE("child other interface" * doctest::skip()) {
    const std::string problem = warning_of_no_gpu();
    const std::string other = fmt::format("(interface {})", kGpuInterface + 1);
    CHECK(problem.find(other) < problem.find(fmt::format("(interface {})", kGpuInterface)));
    CHECK_THROWS_WITH_AS(get_backend("cuda:0"), doctest::Contains("install both from one build"),
                         DeviceError);
  }
  TEST_CASE("child old driver" * doctest::skip()) {
    CHECK(warning_of_no_gpu().find("the driver supports CUDA 12.2, ") != std::string::npos);
    CHECK_THROWS_WITH_AS(device("GPU:0"), doctest::Contains("needs 13.0: update the driver"),
                         DeviceError);
  }
  TEST_CASE("child old gpu" * doctest::skip()) {
    CHECK(warning_of_no_gpu().find("has compute capability 7.x, and 8.0 is needed") !=
          std::string::npos);
    CHECK_THROWS_WITH_AS(device("GPU:0"), doctest::Contains("8.0 is needed"), DeviceError);
  }
  TEST_CASE("child broken driver" * doctest::skip()) {
    CHECK(warning_of_no_gpu().find("does not start, CUresult 999") != std::string::npos);
    CHECK(config::why_no_gpu().find("does not start, CUresult 999") != std::string::npos);
    CHECK_THROWS_WITH_AS(device("GPU:0"), doctest::Contains("nvidia-smi"), DeviceError);
  }
}

TEST_SUITE("emulated") {
  TEST_CASE("a machine without a GPU, a driver or the module has none, which is no error") {
    check_in_new_process("child no gpu", {{"BANACH_EMULATED_GPUS", "0"}});
    check_in_new_process("child no gpu", {{"BANACH_CUDA_MODULE", "/nowhere/libbanach_cuda.so"}});
    if (std::getenv("LD_LIBRARY_PATH") == module_folder()) {  // no other driver in sight
      check_in_new_process("child no gpu", {{"LD_LIBRARY_PATH", ""}});
    }
  }

  TEST_CASE("a GPU that cannot be used is left out with a warning, and asking for it throws") {
    check_in_new_process("child no module",
                         {{"BANACH_CUDA_MODULE", module_folder() + "/libcuda.so.1"}});
    for (const char* other : {"version", "interface"}) {
      const std::string file = std::string("/libbanach_cuda_other_") + other + ".so";
      check_in_new_process(std::string("child other ") + other,
                           {{"BANACH_CUDA_MODULE", module_folder() + file}});
    }
    check_in_new_process("child old driver", {{"BANACH_EMULATED_DRIVER", "12020"}});
    check_in_new_process("child old gpu", {{"BANACH_EMULATED_CAPABILITY", "7"}});
    check_in_new_process("child broken driver", {{"BANACH_EMULATED_INIT", "999"}});
  }
}

TEST_CASE("GPUs are listed, named and chosen by scopes") {
  const auto gpus = config::list_physical_devices("GPU");
  REQUIRE_FALSE(gpus.empty());
  CHECK(gpus[0].name == "/physical_device:GPU:0");
  CHECK_FALSE(config::get_device_details(gpus[0]).device_name.empty());
  CHECK(config::why_no_gpu().empty());
  CHECK(config::list_logical_devices("GPU")[0].name == "/device:GPU:0");
  CHECK(default_backend()->name() == "cuda:0");
  {
    const auto outer = device("CPU:0");
    CHECK(default_backend()->name() == "cpu");
    for (const char* name : {"GPU:0", "gpu", "/GPU:0", "/device:GPU:0", "gpu:0"}) {
      const auto inner = device(name);
      CHECK(default_backend()->name() == "cuda:0");
    }
    CHECK(default_backend()->name() == "cpu");
  }
  CHECK_THROWS_WITH_AS(device("GPU:77"),
                       doctest::Contains("no device 'GPU:77' here: there is CPU:0"), NotFound);
  CHECK_THROWS_AS(device("GPU:x"), NotFound);
  CHECK_THROWS_AS(get_backend("cuda:77"), NotFound);
}
