#include <banach/backend/cuda/check.hpp>
#include <banach/backend/cuda/destroy.hpp>
#include <banach/backend/cuda/matmul.hpp>
#include <banach/backend/cuda/stream.hpp>
#include <banach/core/bfloat16.hpp>

#include <algorithm>
#include <cublasLt.h>
#include <cuda_runtime.h>
#include <map>
#include <memory>
#include <mutex>

namespace banach::cuda {
namespace {

constexpr std::uint32_t kAlignment = 64;          // of what programs place
constexpr std::size_t kScratchAlignment = 256;  // which its kernels for compute capability 9.0 need

void check_cublas(cublasStatus_t status) {
  if (status != CUBLAS_STATUS_SUCCESS) check(kCublasStatus + status, "cuBLASLt");
}

// The current device's; lives until the process ends, and any thread may use it.
cublasLtHandle_t handle_of_device() {
  static std::mutex mutex;
  static auto& handles = *new std::map<int, cublasLtHandle_t>;
  int device = 0;
  check(cudaGetDevice(&device), "cuBLASLt");
  const std::scoped_lock lock(mutex);
  cublasLtHandle_t& handle = handles[device];
  if (handle == nullptr) check_cublas(cublasLtCreate(&handle));
  return handle;
}

using Operation = std::unique_ptr<cublasLtMatmulDescOpaque_t, Destroy<cublasLtMatmulDescDestroy>>;
using Layout = std::unique_ptr<cublasLtMatrixLayoutOpaque_t, Destroy<cublasLtMatrixLayoutDestroy>>;
using Preference =
    std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, Destroy<cublasLtMatmulPreferenceDestroy>>;

template <class T>
constexpr cudaDataType_t kDataType = CUDA_R_32F;
template <>
constexpr cudaDataType_t kDataType<double> = CUDA_R_64F;
template <>
constexpr cudaDataType_t kDataType<BFloat16> = CUDA_R_16BF;

Operation make_operation(bool is_double, bool transpose_left, bool transpose_right) {
  cublasLtMatmulDesc_t raw = nullptr;
  check_cublas(cublasLtMatmulDescCreate(&raw, is_double ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F,
                                        is_double ? CUDA_R_64F : CUDA_R_32F));
  Operation operation(raw);
  const auto set = [&](cublasLtMatmulDescAttributes_t attribute, bool transpose) {
    const cublasOperation_t value = transpose ? CUBLAS_OP_T : CUBLAS_OP_N;
    check_cublas(cublasLtMatmulDescSetAttribute(raw, attribute, &value, sizeof value));
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, transpose_left);
  set(CUBLASLT_MATMUL_DESC_TRANSB, transpose_right);
  return operation;
}

// Of a row-major matrix (rows, columns), which for cuBLASLt is its transpose.
Layout make_layout(cudaDataType_t type, std::int64_t rows, std::int64_t columns) {
  cublasLtMatrixLayout_t raw = nullptr;
  check_cublas(cublasLtMatrixLayoutCreate(&raw, type, static_cast<std::uint64_t>(columns),
                                          static_cast<std::uint64_t>(rows), columns));
  return Layout(raw);
}

// Partial sums are kept in the type they are computed in and added in a fixed order.
Preference make_preference(std::uint64_t scratch_bytes, std::uint32_t left, std::uint32_t right,
                           std::uint32_t result) {
  cublasLtMatmulPreference_t raw = nullptr;
  check_cublas(cublasLtMatmulPreferenceCreate(&raw));
  Preference preference(raw);
  const auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    check_cublas(cublasLtMatmulPreferenceSetAttribute(raw, attribute, &value, sizeof value));
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, scratch_bytes);
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
      std::uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE});
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, left);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, right);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, result);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, result);
  return preference;
}

// No more than all values have, so that the choice does not depend on where one happens to lie.
std::uint32_t alignment_of(const void* pointer) {
  std::uint32_t alignment = kAlignment;
  while (reinterpret_cast<std::uintptr_t>(pointer) % alignment != 0) alignment /= 2;
  return alignment;
}

// Enough to cut the sums of small results into parts; NVIDIA's advice for large GPUs is the limit.
std::size_t workspace_bytes(const MatmulShape& shape) {
  constexpr std::size_t kLeast = std::size_t{64} << 10, kMost = std::size_t{32} << 20;
  constexpr std::size_t kParts = 128;
  const auto sums = static_cast<std::size_t>(shape.m * shape.n) * sizeof(float);
  return std::clamp(kParts * sums, kLeast, kMost);
}

std::byte* align_workspace(std::byte* scratch) {
  const auto over = reinterpret_cast<std::uintptr_t>(scratch) % kScratchAlignment;
  return over == 0 ? scratch : scratch + (kScratchAlignment - over);
}

// c = op(a) op(b). Read column by column, row-major matrices are their transposes, and so this is
// c' = op(b)' op(a)': b comes first.
template <class To, class From>
class LtProduct {
 public:
  LtProduct(To* c, const From* a, const From* b, const MatmulShape& s, std::byte* scratch)
      : handle_(handle_of_device()),
        operation_(make_operation(kIsDouble, s.transpose_b, s.transpose_a)),
        left_(s.transpose_b ? make_layout(kDataType<From>, s.n, s.k)
                            : make_layout(kDataType<From>, s.k, s.n)),
        right_(s.transpose_a ? make_layout(kDataType<From>, s.k, s.m)
                             : make_layout(kDataType<From>, s.m, s.k)),
        result_(make_layout(kDataType<To>, s.m, s.n)),
        c_(c),
        a_(a),
        b_(b),
        workspace_(align_workspace(scratch)),
        workspace_bytes_(workspace_bytes(s)) {}

  /// Settles the algorithm; false when cuBLASLt has none.
  bool choose() {
    const Preference preference =
        make_preference(workspace_bytes_, alignment_of(b_), alignment_of(a_), alignment_of(c_));
    cublasLtMatmulHeuristicResult_t best = {};
    int count = 0;
    const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
        handle_, operation_.get(), left_.get(), right_.get(), result_.get(), result_.get(),
        preference.get(), 1, &best, &count);
    algorithm_ = best.algo;
    return status == CUBLAS_STATUS_SUCCESS && count == 1 && best.state == CUBLAS_STATUS_SUCCESS &&
           best.workspaceSize <= workspace_bytes_;
  }

  Status run() const {
    const Scale one = 1, zero = 0;
    const cublasStatus_t status = cublasLtMatmul(
        handle_, operation_.get(), &one, b_, left_.get(), a_, right_.get(), &zero, c_,
        result_.get(), c_, result_.get(), &algorithm_, workspace_, workspace_bytes_,
        current_stream());
    return status == CUBLAS_STATUS_SUCCESS ? 0 : kCublasStatus + status;
  }

 private:
  static constexpr bool kIsDouble = std::is_same_v<To, double>;
  using Scale = std::conditional_t<kIsDouble, double, float>;

  cublasLtHandle_t handle_;
  Operation operation_;
  Layout left_, right_, result_;
  cublasLtMatmulAlgo_t algorithm_ = {};
  To* c_;
  const From *a_, *b_;
  std::byte* workspace_;
  std::size_t workspace_bytes_;
};

}  // namespace

std::size_t matmul_scratch_bytes(const MatmulShape& shape) {
  return workspace_bytes(shape) + kScratchAlignment - kAlignment;
}

template <class To, class From>
Kernel make_matmul(To* c, const From* a, const From* b, const MatmulShape& shape,
                   std::byte* scratch) {
  if (shape.m > 0 && shape.n > 0 && shape.k > 0) {
    LtProduct<To, From> product(c, a, b, shape, scratch);
    if (product.choose()) {
      return Kernel([product = std::move(product)] { return product.run(); });
    }
  }
  return Kernel([=] { return tiled_matmul(c, a, b, shape); });
}

template Kernel make_matmul(float*, const float*, const float*, const MatmulShape&, std::byte*);
template Kernel make_matmul(double*, const double*, const double*, const MatmulShape&, std::byte*);
template Kernel make_matmul(BFloat16*, const BFloat16*, const BFloat16*, const MatmulShape&,
                            std::byte*);
template Kernel make_matmul(float*, const BFloat16*, const BFloat16*, const MatmulShape&,
                            std::byte*);

}  // namespace banach::cuda
