#include <banach/backend/cuda/check.hpp>
#include <banach/core/errors.hpp>

#include <cuda_runtime.h>
#include <fmt/format.h>
#include <string_view>

namespace banach::cuda {
namespace {

// What to do about an error, where something can be done.
std::string_view advice(cudaError_t error) {
  // after which all calls fail: memory that is broken, or was used wrongly, and the like
  const auto is_lost = [](int e) {
    return e == 214 || e == 226 || e == 700 || e == 702 || e == 709 || e == 710 ||
           (e >= 714 && e <= 719) || e == 721;
  };
  switch (error) {
    case cudaErrorMemoryAllocation: return ". Other processes may hold the memory: see nvidia-smi";
    case cudaErrorDevicesUnavailable:
      return ". Another process has the GPU for itself: wait, or choose another one with "
             "CUDA_VISIBLE_DEVICES";
    case cudaErrorInsufficientDriver: return ". Update the driver";
    default: break;
  }
  return is_lost(error)
             ? ". The GPU is lost to this process: start it again, from the last checkpoint"
             : "";
}

}  // namespace

std::string explain(Status status) {
  if (status >= kCudnnStatus) return fmt::format("cuDNN status {}", status - kCudnnStatus);
  if (status >= kCublasStatus) return fmt::format("cuBLAS status {}", status - kCublasStatus);
  const auto error = static_cast<cudaError_t>(status);
  return fmt::format("CUDA error {} ({}): {}{}", status, cudaGetErrorName(error),
                     cudaGetErrorString(error), advice(error));
}

void check(Status status, const std::string& what) {
  if (status != 0) throw DeviceError(fmt::format("[cuda] {}: {}", what, explain(status)));
}

}  // namespace banach::cuda
