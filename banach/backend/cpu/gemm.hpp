#pragma once

#include <banach/backend/cpu/epilogue.hpp>
#include <banach/core/threads.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace banach::cpu {

/// c (m, n) = epilogue(op(a) op(b)), all row-major and dense; op transposes or not.
struct GemmShape {
  std::int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  int threads = config::num_threads();  ///< at most so many work on it; the scratch is for them
};

/// Bytes of scratch that gemm needs.
std::size_t gemm_scratch_bytes(const GemmShape& shape);
/// Result bits do not depend on the number of threads. `scratch` is 64-byte aligned.
void gemm(float* c, const float* a, const float* b, const GemmShape& shape,
          const EpilogueArguments& epilogue, std::byte* scratch);

/// "gemm:avx2": the kernel and the instruction set that this machine runs it with.
std::string gemm_implementation();

}  // namespace banach::cpu
