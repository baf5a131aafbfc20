#pragma once

#include <banach/backend/backend.hpp>

#include <string>

namespace banach::cuda {

// Statuses of the cuda backend: cudaError_t as it is; the libraries' own codes in their ranges.
inline constexpr Status kCublasStatus = 100'000, kCudnnStatus = 200'000;

/// "CUDA error 700 (cudaErrorIllegalAddress): an illegal memory access was encountered".
std::string explain(Status status);

/// DeviceError "[cuda] WHAT: ..." unless the status is 0.
void check(Status status, const std::string& what);

}  // namespace banach::cuda
