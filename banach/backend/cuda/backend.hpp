#pragma once

#include <banach/backend/gpu_module.hpp>

namespace banach::cuda {

/// "cuda:0" for GPU 0. All it does goes through one stream of its own, so whatever reads waits for
/// what was started before. DeviceError when the GPU does not start.
BackendPtr make_backend(int ordinal, const GpuOptions& options);

config::MemoryInfo memory_info(const Backend& backend);

}  // namespace banach::cuda
