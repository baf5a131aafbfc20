#include <banach/backend/cuda/backend.hpp>

#include <cuda_runtime.h>

extern "C" __attribute__((visibility("default"))) const banach::GpuModule* banach_gpu_module() {
  static const banach::GpuModule module = {BANACH_VERSION, banach::kGpuInterface, CUDART_VERSION,
                                           banach::cuda::make_backend, banach::cuda::memory_info};
  return &module;
}
