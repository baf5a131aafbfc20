#pragma once

// What libbanach and a library that brings GPUs (libbanach_cuda.so) know of each other.

#include <banach/backend/backend.hpp>
#include <banach/backend/devices.hpp>

#include <cstdint>

namespace banach {

/// How a GPU's memory is used, settled when the first program is made for it.
struct GpuOptions {
  bool memory_growth = false;      ///< take memory with need, instead of most of it at once
  std::uint64_t memory_limit = 0;  ///< bytes; 0: all there is
};

/// What the module gives. The first three members stay where they are in all versions.
struct GpuModule {
  const char* banach_version;  ///< of the libbanach it was built with
  int interface;               ///< kGpuInterface of that libbanach
  int runtime_version;         ///< of CUDA: 13000

  /// DeviceError when the GPU cannot be used. Called once for each.
  BackendPtr (*make_backend)(int ordinal, const GpuOptions& options);
  config::MemoryInfo (*memory_info)(const Backend& backend);
};

/// Changes with Backend, Node, the ops, or this file.
inline constexpr int kGpuInterface = 3;
inline constexpr const char* kGpuModuleFunction = "banach_gpu_module";
using GpuModuleFunction = const GpuModule* (*)();

/// The GPUs that can be used, or why those that are there cannot.
struct Gpus {
  std::vector<std::string> names;  ///< "NVIDIA H100"; empty when there are none to use
  const GpuModule* module = nullptr;
  std::string problem;  ///< why not, where a driver has GPUs: found, needed, what to do
  std::string reason;   ///< why there are none, a problem or not
};

/// Looks once: for the module (BANACH_CUDA_MODULE, else beside libbanach), then for a driver, then
/// loads the module. A machine that lacks one of them has no GPUs, which is no problem; a problem
/// is warned of.
const Gpus& find_gpus();

}  // namespace banach
