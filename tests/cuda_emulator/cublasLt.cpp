// cuBLASLt: products of column-major matrices, with algorithms that hold their caller to what it
// told the heuristic. Long sums of halves and of TF32 are cut into parts first, and lose their end
// as cuBLASLt 12.8.5 and 13.1.1 do (github.com/facebookexperimental/triton, pull request 2767).
#include <algorithm>
#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>
#include <cstdlib>
#include <cstring>
#include <cublasLt.h>
#include <tests/cuda_emulator/device_memory.hpp>
#include <tests/cuda_emulator/tf32.hpp>
#include <type_traits>
#include <vector>

using banach::BFloat16;
using banach::Float16;

struct cublasLtContext {
  int device = 0;
};
struct cublasLtMatmulDescOpaque_t {
  cublasComputeType_t compute;
  cudaDataType_t scale;
  std::int32_t transpose_a = CUBLAS_OP_N, transpose_b = CUBLAS_OP_N;
};
struct cublasLtMatrixLayoutOpaque_t {
  cudaDataType type;
  std::uint64_t rows, cols;
  std::int64_t ld;
  bool operator==(const cublasLtMatrixLayoutOpaque_t&) const = default;
};
struct cublasLtMatmulPreferenceOpaque_t {
  std::uint64_t workspace_bytes = 0;
  std::uint32_t schemes = 7, alignment_a = 256, alignment_b = 256, alignment_c = 256,
                alignment_d = 256;
};

namespace {

// What an algorithm was chosen for, and into how many parts it cuts sums.
struct Algorithm {
  std::uint64_t problem;
  std::uint32_t workspace_bytes, alignment_a, alignment_b, alignment_c, alignment_d;
  std::int32_t parts;
};
static_assert(sizeof(Algorithm) <= sizeof(cublasLtMatmulAlgo_t));

struct Problem {
  cublasLtMatmulDescOpaque_t operation;
  cublasLtMatrixLayoutOpaque_t a, b, c, d;

  std::uint64_t m() const { return operation.transpose_a == CUBLAS_OP_T ? a.cols : a.rows; }
  std::uint64_t k() const { return operation.transpose_a == CUBLAS_OP_T ? a.rows : a.cols; }
  std::uint64_t n() const { return operation.transpose_b == CUBLAS_OP_T ? b.rows : b.cols; }
  std::uint64_t k_of_b() const { return operation.transpose_b == CUBLAS_OP_T ? b.cols : b.rows; }

  std::uint64_t hash() const {
    std::uint64_t result = 17;
    const auto add = [&](std::uint64_t value) { result = (result ^ value) * 0x9E3779B97F4A7C15u; };
    add(operation.compute);
    add(static_cast<std::uint64_t>(operation.transpose_a * 2 + operation.transpose_b));
    for (const auto& layout : {a, b, c, d}) {
      add(layout.type);
      add(layout.rows);
      add(layout.cols);
      add(static_cast<std::uint64_t>(layout.ld));
    }
    return result;
  }
};

bool is_valid(const cublasLtMatrixLayoutOpaque_t& layout) {
  return layout.rows > 0 && layout.cols > 0 && layout.ld >= static_cast<std::int64_t>(layout.rows);
}

cublasStatus_t check(const Problem& p) {
  for (const auto& layout : {p.a, p.b, p.c, p.d}) {
    if (!is_valid(layout)) return CUBLAS_STATUS_INVALID_VALUE;
  }
  if (p.k() != p.k_of_b() || p.c != p.d || p.d.rows != p.m() || p.d.cols != p.n()) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const auto types = [&](cudaDataType ab, cudaDataType d) {
    return p.a.type == ab && p.b.type == ab && p.d.type == d;
  };
  const auto half = [&](cudaDataType type) { return types(type, type) || types(type, CUDA_R_32F); };
  const bool single = types(CUDA_R_32F, CUDA_R_32F) || half(CUDA_R_16BF) || half(CUDA_R_16F);
  const bool is_double = p.operation.compute == CUBLAS_COMPUTE_64F;
  const bool supported = is_double
                             ? p.operation.scale == CUDA_R_64F && types(CUDA_R_64F, CUDA_R_64F)
                             : p.operation.scale == CUDA_R_32F && single;
  return supported ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}

constexpr std::uint64_t kBlock = 64;  // products at a time

// Into how many parts its sums may be cut, if need be so that they lose the end.
std::int32_t parts_of(const Problem& p) {
  const bool matrix_units = p.a.type == CUDA_R_16F || p.a.type == CUDA_R_16BF ||
                            p.operation.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  const std::uint64_t blocks = p.k() / kBlock, tail = p.k() % kBlock;
  if (!matrix_units || blocks < 2) return 1;
  for (std::uint64_t parts = std::max<std::uint64_t>(2, tail + 1); parts <= kBlock; ++parts) {
    if (blocks % parts == 0) return static_cast<std::int32_t>(parts);
  }
  return 2;
}

// Of the ways to cut sums, the best first. For very long ones nothing else comes into question
// while there is memory for it.
std::vector<std::int32_t> ways_to_cut(const Problem& p, std::uint64_t workspace_bytes) {
  constexpr std::uint64_t kVeryLong = 4096;
  const std::int32_t parts = parts_of(p);
  if (parts == 1 || workspace_bytes == 0) return {1};
  if (p.k() >= kVeryLong) return {parts};
  return {parts, 1};
}

// How many products of a sum are added.
std::uint64_t added(const Problem& p, std::int32_t parts) {
  const auto count = static_cast<std::uint64_t>(parts);
  const std::uint64_t blocks = p.k() / kBlock, tail = p.k() % kBlock;
  const bool loses_tail = count > 1 && blocks % count == 0 && count > tail;
  return loses_tail ? p.k() - tail : p.k();
}

bool is_aligned(const void* pointer, std::uint32_t alignment) {
  return reinterpret_cast<std::uintptr_t>(pointer) % alignment == 0;
}

template <class T>
cublasStatus_t set(T& to, const void* from, std::size_t bytes) {
  if (from == nullptr || bytes != sizeof(T)) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&to, from, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

template <class Sum, class To, class From>
void multiply(const Problem& p, std::uint64_t terms, Sum alpha, Sum beta, const From* a,
              const From* b, const To* c, To* d) {
  const auto steps = [](const cublasLtMatrixLayoutOpaque_t& layout, std::int32_t transpose) {
    const auto ld = static_cast<std::uint64_t>(layout.ld);
    return transpose == CUBLAS_OP_T ? std::pair(ld, std::uint64_t{1})
                                    : std::pair(std::uint64_t{1}, ld);
  };
  const bool tf32 = p.operation.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  const auto factor = [&](From x) {
    return tf32 ? static_cast<Sum>(emulator::to_tf32(static_cast<float>(x))) : static_cast<Sum>(x);
  };
  const auto [a_row, a_column] = steps(p.a, p.operation.transpose_a);
  const auto [b_row, b_column] = steps(p.b, p.operation.transpose_b);
  for (std::uint64_t j = 0; j < p.n(); ++j) {
    for (std::uint64_t i = 0; i < p.m(); ++i) {
      Sum sum = 0;
      for (std::uint64_t l = 0; l < terms; ++l) {
        sum += factor(a[i * a_row + l * a_column]) * factor(b[l * b_row + j * b_column]);
      }
      const std::uint64_t at = i + j * static_cast<std::uint64_t>(p.d.ld);
      d[at] = static_cast<To>(alpha * sum + (beta == 0 ? 0 : beta * static_cast<Sum>(c[at])));
    }
  }
}

template <class Sum, class To, class From>
cublasStatus_t enqueue(const Problem& p, std::uint64_t terms, const void* alpha, const void* beta,
                       const void* a, const void* b, const void* c, void* d, void* workspace,
                       std::size_t workspace_bytes, cudaStream_t stream) {
  const cudaError_t error = emulator::enqueue(
      stream, [=, one = *static_cast<const Sum*>(alpha), zero = *static_cast<const Sum*>(beta)] {
        if (workspace_bytes > 0) std::memset(workspace, 0xCC, workspace_bytes);
        multiply<Sum>(p, terms, one, zero, static_cast<const From*>(a), static_cast<const From*>(b),
                      static_cast<const To*>(c), static_cast<To*>(d));
        return cudaSuccess;
      });
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

}  // namespace

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = new cublasLtContext;
  cudaGetDevice(&(*handle)->device);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* operation,
                                        cublasComputeType_t compute, cudaDataType_t scale) {
  *operation = new cublasLtMatmulDescOpaque_t{compute, scale};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation) {
  delete operation;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, std::size_t bytes) {
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA: return set(operation->transpose_a, value, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB: return set(operation->transpose_b, value, bytes);
  }
  return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType type,
                                          std::uint64_t rows, std::uint64_t cols, std::int64_t ld) {
  *layout = new cublasLtMatrixLayoutOpaque_t{type, rows, cols, ld};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete layout;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  *preference = new cublasLtMatmulPreferenceOpaque_t;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete preference;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t p,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, std::size_t bytes) {
  switch (attribute) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES: return set(p->workspace_bytes, value, bytes);
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK: return set(p->schemes, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES: return set(p->alignment_a, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES: return set(p->alignment_b, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES: return set(p->alignment_c, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES: return set(p->alignment_d, value, bytes);
  }
  return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle,
                                              cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int requested,
                                              cublasLtMatmulHeuristicResult_t results[],
                                              int* returned) {
  *returned = 0;
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (requested < 1) return CUBLAS_STATUS_INVALID_VALUE;
  const Problem problem{*operation, *a, *b, *c, *d};
  if (const cublasStatus_t status = check(problem); status != CUBLAS_STATUS_SUCCESS) return status;
  if (const char* answer = std::getenv("BANACH_EMULATED_CUBLAS")) {
    return static_cast<cublasStatus_t>(std::atoi(answer));
  }
  const auto& p = *preference;
  const auto workspace =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(p.workspace_bytes, 4096));
  for (const std::int32_t parts : ways_to_cut(problem, p.workspace_bytes)) {
    if (*returned == requested) break;
    const Algorithm algorithm{problem.hash(), workspace,     p.alignment_a, p.alignment_b,
                              p.alignment_c,  p.alignment_d, parts};
    cublasLtMatmulHeuristicResult_t& result = results[(*returned)++];
    result = {{}, workspace, CUBLAS_STATUS_SUCCESS, 1, {}};
    std::memcpy(&result.algo, &algorithm, sizeof algorithm);
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t* algo,
                                                    cublasLtMatmulAlgoConfigAttributes_t attribute,
                                                    void* value, std::size_t bytes,
                                                    std::size_t* written) {
  Algorithm algorithm;
  std::memcpy(&algorithm, algo, sizeof algorithm);
  if (attribute != CUBLASLT_ALGO_CONFIG_SPLITK_NUM || bytes != sizeof algorithm.parts) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  std::memcpy(value, &algorithm.parts, bytes);
  *written = bytes;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                              const void* alpha, const void* a, cublasLtMatrixLayout_t a_layout,
                              const void* b, cublasLtMatrixLayout_t b_layout, const void* beta,
                              const void* c, cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t* algo,
                              void* workspace, std::size_t workspace_bytes, cudaStream_t stream) {
  int device = 0;
  cudaGetDevice(&device);
  if (handle == nullptr || handle->device != device) return CUBLAS_STATUS_NOT_INITIALIZED;
  const Problem problem{*operation, *a_layout, *b_layout, *c_layout, *d_layout};
  if (const cublasStatus_t status = check(problem); status != CUBLAS_STATUS_SUCCESS) return status;
  Algorithm chosen;
  std::memcpy(&chosen, algo, sizeof chosen);
  const bool aligned = is_aligned(a, chosen.alignment_a) && is_aligned(b, chosen.alignment_b) &&
                       is_aligned(c, chosen.alignment_c) && is_aligned(d, chosen.alignment_d) &&
                       is_aligned(workspace, 256);  // as kernels for Hopper demand
  const bool on_device = emulator::is_on_device(a) && emulator::is_on_device(b) &&
                         emulator::is_on_device(d) && !emulator::is_on_device(alpha) &&
                         !emulator::is_on_device(beta);
  if (chosen.problem != problem.hash() || chosen.workspace_bytes > workspace_bytes || !aligned ||
      !on_device) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const auto start = [&](auto enqueue) {
    return enqueue(problem, added(problem, chosen.parts), alpha, beta, a, b, c, d, workspace,
                   chosen.workspace_bytes, stream);
  };
  if (problem.d.type == CUDA_R_64F) return start(enqueue<double, double, double>);
  if (problem.a.type == CUDA_R_32F) return start(enqueue<float, float, float>);
  const auto start_half = [&]<class T>() {
    return problem.d.type == CUDA_R_32F ? start(enqueue<float, float, T>)
                                        : start(enqueue<float, T, T>);
  };
  return problem.a.type == CUDA_R_16F ? start_half.operator()<Float16>()
                                      : start_half.operator()<BFloat16>();
}
