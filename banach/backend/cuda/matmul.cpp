#include <banach/backend/cuda/check.hpp>
#include <banach/backend/cuda/destroy.hpp>
#include <banach/backend/cuda/matmul.hpp>
#include <banach/backend/cuda/stream.hpp>
#include <banach/backend/devices.hpp>
#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>

#include <cublasLt.h>
#include <cuda_runtime.h>
#include <map>
#include <memory>
#include <mutex>

namespace banach::cuda {
namespace {

constexpr std::uint32_t kAlignment = 64;        // of what programs place
constexpr std::size_t kScratchAlignment = 256;  // which its kernels for compute capability 9.0 need
// NVIDIA's advice for large GPUs. With less its heuristics do not cut long sums into parts, not
// even into as many as would fit: 3.4 ms instead of .07 for (250, 21632) (21632, 256) on an H100.
constexpr std::uint64_t kWorkspaceBytes = std::uint64_t{32} << 20;
constexpr int kCandidates = 8;  // algorithms to choose from, the best first

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
template <>
constexpr cudaDataType_t kDataType<Float16> = CUDA_R_16F;

template <class From>
cublasComputeType_t compute_type() {
  if (std::is_same_v<From, double>) return CUBLAS_COMPUTE_64F;
  const bool short_fractions =
      std::is_same_v<From, float> && config::experimental::tensor_float_32_execution_enabled();
  return short_fractions ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}

Operation make_operation(cublasComputeType_t compute, bool transpose_left, bool transpose_right) {
  cublasLtMatmulDesc_t raw = nullptr;
  check_cublas(cublasLtMatmulDescCreate(&raw, compute,
                                        compute == CUBLAS_COMPUTE_64F ? CUDA_R_64F : CUDA_R_32F));
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
Preference make_preference(std::uint64_t workspace_bytes) {
  cublasLtMatmulPreference_t raw = nullptr;
  check_cublas(cublasLtMatmulPreferenceCreate(&raw));
  Preference preference(raw);
  const auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    check_cublas(cublasLtMatmulPreferenceSetAttribute(raw, attribute, &value, sizeof value));
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspace_bytes);
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
      std::uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE});
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    set(attribute, kAlignment);
  }
  return preference;
}

// Whether sums may be cut into parts. cuBLASLt 12.8.5 and 13.1.1 take k in blocks of 64, and leave
// k % 64 out of some such sums of halves: github.com/facebookexperimental/triton, pull request
// 2767. TF32, which was not looked at there, has kernels of the same kind.
template <class From>
bool may_cut(std::int64_t k) {
  constexpr std::int64_t kBlock = 64;
  const bool matrix_units =
      sizeof(From) == 2 || compute_type<From>() == CUBLAS_COMPUTE_32F_FAST_TF32;
  return !matrix_units || k % kBlock == 0;
}

// Also when it does not tell; fewer than 0 parts are chosen at run time.
bool is_cut(const cublasLtMatmulAlgo_t& algorithm) {
  std::int32_t parts = 0;
  std::size_t written = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoConfigGetAttribute(
      &algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM, &parts, sizeof parts, &written);
  return status != CUBLAS_STATUS_SUCCESS || parts < 0 || parts > 1;
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
  explicit LtProduct(const MatmulShape& s)
      : handle_(handle_of_device()),
        operation_(make_operation(compute_type<From>(), s.transpose_b, s.transpose_a)),
        left_(s.transpose_b ? make_layout(kDataType<From>, s.n, s.k)
                            : make_layout(kDataType<From>, s.k, s.n)),
        right_(s.transpose_a ? make_layout(kDataType<From>, s.k, s.m)
                             : make_layout(kDataType<From>, s.m, s.k)),
        result_(make_layout(kDataType<To>, s.m, s.n)),
        may_cut_(may_cut<From>(s.k)) {}

  /// Settles the algorithm; false when there is none.
  bool choose() { return choose(kWorkspaceBytes) || choose(0); }  // what needs none is not cut

  std::size_t scratch_bytes() const {
    return workspace_bytes_ == 0 ? 0 : workspace_bytes_ + kScratchAlignment - kAlignment;
  }

  Status run(To* c, const From* a, const From* b, std::byte* scratch) const {
    const Scale one = 1, zero = 0;
    const cublasStatus_t status =
        cublasLtMatmul(handle_, operation_.get(), &one, b, left_.get(), a, right_.get(), &zero, c,
                       result_.get(), c, result_.get(), &algorithm_, align_workspace(scratch),
                       workspace_bytes_, current_stream());
    return status == CUBLAS_STATUS_SUCCESS ? 0 : kCublasStatus + status;
  }

 private:
  using Scale = std::conditional_t<std::is_same_v<To, double>, double, float>;

  std::vector<cublasLtMatmulHeuristicResult_t> candidates(std::uint64_t workspace_bytes) const {
    const Preference preference = make_preference(workspace_bytes);
    std::vector<cublasLtMatmulHeuristicResult_t> results(kCandidates);
    int count = 0;
    const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
        handle_, operation_.get(), left_.get(), right_.get(), result_.get(), result_.get(),
        preference.get(), kCandidates, results.data(), &count);
    if (status == CUBLAS_STATUS_NOT_SUPPORTED) return {};
    check_cublas(status);
    results.resize(static_cast<std::size_t>(count));
    return results;
  }

  bool choose(std::uint64_t workspace_bytes) {
    for (const auto& candidate : candidates(workspace_bytes)) {
      if (candidate.state != CUBLAS_STATUS_SUCCESS || candidate.workspaceSize > workspace_bytes ||
          (!may_cut_ && is_cut(candidate.algo))) {
        continue;
      }
      algorithm_ = candidate.algo;
      workspace_bytes_ = candidate.workspaceSize;
      return true;
    }
    return false;
  }

  cublasLtHandle_t handle_;
  Operation operation_;
  Layout left_, right_, result_;
  bool may_cut_;
  cublasLtMatmulAlgo_t algorithm_ = {};
  std::size_t workspace_bytes_ = 0;
};

// Null when cuBLASLt has no algorithm.
template <class To, class From>
std::shared_ptr<const LtProduct<To, From>> find_product(const MatmulShape& shape) {
  if (shape.m == 0 || shape.n == 0 || shape.k == 0) return nullptr;
  auto product = std::make_shared<LtProduct<To, From>>(shape);
  return product->choose() ? product : nullptr;
}

}  // namespace

template <class To, class From>
PreparedMatmul<To, From> prepare_matmul(const MatmulShape& shape) {
  if (const auto product = find_product<To, From>(shape)) {
    return {"cublaslt", product->scratch_bytes(),
            [=](To* c, const From* a, const From* b, std::byte* scratch) {
              return Kernel([=] { return product->run(c, a, b, scratch); });
            }};
  }
  return {"cuda", 0, [=](To* c, const From* a, const From* b, std::byte*) {
            return Kernel([=] { return tiled_matmul(c, a, b, shape); });
          }};
}

template PreparedMatmul<float, float> prepare_matmul(const MatmulShape&);
template PreparedMatmul<double, double> prepare_matmul(const MatmulShape&);
template PreparedMatmul<BFloat16, BFloat16> prepare_matmul(const MatmulShape&);
template PreparedMatmul<float, BFloat16> prepare_matmul(const MatmulShape&);
template PreparedMatmul<Float16, Float16> prepare_matmul(const MatmulShape&);
template PreparedMatmul<float, Float16> prepare_matmul(const MatmulShape&);

}  // namespace banach::cuda
