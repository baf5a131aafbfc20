#pragma once

#include <banach/backend/cpu/epilogue.hpp>
#include <banach/backend/cpu/update.hpp>
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

/// A product with a vector: gemm sums it in another way.
inline bool is_gemv(const GemmShape& s) { return (s.m == 1 || s.n == 1) && s.k > 0; }

/// At most so many steps of the sum are one pass over c.
inline constexpr std::int64_t kGemmDepth = 256;

/// Bytes of scratch that gemm needs.
std::size_t gemm_scratch_bytes(const GemmShape& shape);
/// Result bits do not depend on the number of threads. `scratch` is 64-byte aligned.
void gemm(float* c, const float* a, const float* b, const GemmShape& shape,
          const EpilogueArguments& epilogue, std::byte* scratch);

/// The update of a weight (m, n); its `g` stays null.
struct WeightUpdate {
  UpdateRange range = nullptr;
  UpdateSegment weight;
  UpdateArguments arguments;
};

/// Whether the product can be used up while it is made, some rows at a time: its sums take a
/// single pass.
inline bool has_one_pass(const GemmShape& s) { return s.k <= kGemmDepth && !is_gemv(s); }
/// Bytes of scratch that gemm_update needs.
std::size_t gemm_update_scratch_bytes(const GemmShape& shape);
/// Updates a weight with the gradient op(a) op(b), which is not stored: the bits are those of gemm
/// and update. For shapes with one pass.
void gemm_update(const WeightUpdate& update, const float* a, const float* b, const GemmShape& shape,
                 std::byte* scratch);

/// The product is the gradient of z (m, n), the result of an epilogue: what epilogue_grad makes of
/// it goes into dx (m, n) and dbias (channels,). n is a multiple of the channels: column j is one
/// of channel j % channels. The bits do not depend on the number of threads.
struct BackwardEpilogue {
  float* dx = nullptr;
  float* dbias = nullptr;
  const float* z = nullptr;
  std::int64_t channels = 0;
  EpilogueArguments epilogue;
};

/// Bytes of scratch that gemm_epilogue_grad needs.
std::size_t gemm_epilogue_grad_scratch_bytes(const GemmShape& shape);
void gemm_epilogue_grad(const BackwardEpilogue& gradient, const float* a, const float* b,
                        const GemmShape& shape, std::byte* scratch);

/// "gemm:avx2": the kernel and the instruction set that this machine runs it with.
std::string gemm_implementation();

}  // namespace banach::cpu
