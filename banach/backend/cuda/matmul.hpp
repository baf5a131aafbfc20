#pragma once

#include <banach/backend/backend.hpp>

namespace banach::cuda {

/// A product c (m, n) = op(a) op(b) of matrices in row-major order, k the summed dimension.
struct MatmulShape {
  std::int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
};

/// A product whose algorithm is settled, and with it the scratch memory that it needs.
template <class To, class From>
struct PreparedMatmul {
  std::string implementation;  ///< "cublaslt" or "cuda"
  std::size_t scratch_bytes;
  std::function<Kernel(To* c, const From* a, const From* b, std::byte* scratch)> bind;
};

/// c = op(a) op(b) by cuBLASLt, with the algorithm that it thinks best of those that add every
/// product, or by tiled_matmul where it has none. Pointers are 64-byte aligned. To be called while
/// the device is current. For one type, float, double, BFloat16 or Float16, or one of the halves to
/// float; sums of halves are float, and float stays float, unless TF32 is enabled. The same shape
/// gives the same algorithm.
template <class To, class From>
PreparedMatmul<To, From> prepare_matmul(const MatmulShape& shape);

/// The same by tiles in shared memory: slower, and never at a loss.
template <class To, class From>
Status tiled_matmul(To* c, const From* a, const From* b, const MatmulShape& shape);

}  // namespace banach::cuda
