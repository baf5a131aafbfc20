#pragma once

#include <banach/backend/cpu/gemm.hpp>
#include <banach/core/bfloat16.hpp>

namespace banach::cpu {

/// What this machine multiplies bfloat16 with; with nothing, the pass `lower` runs such products in
/// float32.
enum class HalfProducts { none, avx512, amx };
HalfProducts half_products();
inline bool has_bf16_products() { return half_products() != HalfProducts::none; }
/// "gemm:amx_bf16": the kernel and what it multiplies with.
inline const char* gemm_bf16_implementation() {
  return half_products() == HalfProducts::amx ? "gemm:amx_bf16" : "gemm:avx512_bf16";
}
/// Uses no more than this from now on, for tests; programs made before must not run meanwhile.
void limit_half_products(HalfProducts most);

/// Bytes of scratch that gemm_bf16 needs; `to_bfloat16` says what c is.
std::size_t gemm_bf16_scratch_bytes(const GemmShape& shape, bool to_bfloat16, bool has_epilogue);

/// c (m, n) = epilogue(op(a) op(b)) with products of bfloat16 summed in float32; bias is float32.
/// Result bits do not depend on the number of threads. `scratch` is 64-byte aligned.
void gemm_bf16(float* c, const BFloat16* a, const BFloat16* b, const GemmShape& shape,
               const EpilogueArguments& epilogue, std::byte* scratch);
void gemm_bf16(BFloat16* c, const BFloat16* a, const BFloat16* b, const GemmShape& shape,
               const EpilogueArguments& epilogue, std::byte* scratch);

/// gemm_update with a and b of bfloat16, which has_one_bf16_pass says is possible; the weight and
/// its slots are float32.
bool has_one_bf16_pass(const GemmShape& shape);
std::size_t gemm_bf16_update_scratch_bytes(const GemmShape& shape);
void gemm_bf16_update(const WeightUpdate& update, const BFloat16* a, const BFloat16* b,
                      const GemmShape& shape, std::byte* scratch);

}  // namespace banach::cpu
