#pragma once

#include <banach/backend/backend.hpp>

namespace banach::cuda {

/// A product c (m, n) = op(a) op(b) of matrices in row-major order, k the summed dimension.
struct MatmulShape {
  std::int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
};

/// Bytes of scratch that a product may use.
std::size_t matmul_scratch_bytes(const MatmulShape& shape);

/// c = op(a) op(b) by cuBLASLt, with the algorithm that it thinks best, or by tiled_matmul where it
/// has none. To be called while the device of these pointers is current, and nothing is captured.
/// For one type, float, double or BFloat16, or BFloat16 to float; sums of BFloat16 are float, and
/// float stays float, without TF32. The same shape gives the same algorithm.
template <class To, class From>
Kernel make_matmul(To* c, const From* a, const From* b, const MatmulShape& shape,
                   std::byte* scratch);

/// The same by tiles in shared memory: slower, and never at a loss.
template <class To, class From>
Status tiled_matmul(To* c, const From* a, const From* b, const MatmulShape& shape);

}  // namespace banach::cuda
