#include <banach/backend/cuda/check.hpp>
#include <banach/core/errors.hpp>

#include <cuda_runtime.h>
#include <fmt/format.h>

namespace banach::cuda {

std::string explain(Status status) {
  if (status >= kCudnnStatus) return fmt::format("cuDNN status {}", status - kCudnnStatus);
  if (status >= kCublasStatus) return fmt::format("cuBLAS status {}", status - kCublasStatus);
  const auto error = static_cast<cudaError_t>(status);
  return fmt::format("CUDA error {} ({}): {}", status, cudaGetErrorName(error),
                     cudaGetErrorString(error));
}

void check(Status status, const std::string& what) {
  if (status != 0) throw DeviceError(fmt::format("[cuda] {}: {}", what, explain(status)));
}

}  // namespace banach::cuda
