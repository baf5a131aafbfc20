// A module of a banach that never was, which must be refused.
#include <banach/backend/gpu_module.hpp>

extern "C" const banach::GpuModule* banach_gpu_module() {
  static const banach::GpuModule module = {"0.0.1", banach::kGpuInterface, 13000, nullptr, nullptr};
  return &module;
}
