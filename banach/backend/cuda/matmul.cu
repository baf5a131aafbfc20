#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/matmul.hpp>
#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>

namespace banach::cuda {
namespace {

constexpr int kTile = 64, kDepth = 16;  // of c, and of the sums between two barriers
constexpr int kSide = 16, kEach = 4;    // kSide x kSide threads with kEach x kEach elements each
constexpr int kPadded = kTile + 1;      // so that a column lies in different banks
constexpr int kLoads = kTile * kDepth / kThreads;
static_assert(kSide * kSide == kThreads && kSide * kEach == kTile);

struct Steps {  // element (i, j) lies at i * row + j * column
  std::int64_t row, column;
};

template <class C>
using Tile = C[kDepth][kPadded];

// tile[d][i] = from(first + i, depth + d) with 0 outside of (size, k). Neighbouring threads load
// what lies side by side.
template <class C, class From>
__device__ void load_tile(Tile<C>& tile, const From* from, Steps steps, std::int64_t first,
                          std::int64_t size, std::int64_t depth, std::int64_t k) {
  const bool along_depth = steps.column == 1;
  for (int load = 0; load < kLoads; ++load) {
    const int t = static_cast<int>(threadIdx.x) + load * kThreads;
    const int i = along_depth ? t / kDepth : t % kTile, d = along_depth ? t % kDepth : t / kTile;
    const bool inside = first + i < size && depth + d < k;
    tile[d][i] =
        inside ? static_cast<C>(from[(first + i) * steps.row + (depth + d) * steps.column]) : C(0);
  }
}

template <class C>
__device__ void multiply_tiles(C (&sums)[kEach][kEach], const Tile<C>& a, const Tile<C>& b) {
  const int row = static_cast<int>(threadIdx.x) / kSide;
  const int column = static_cast<int>(threadIdx.x) % kSide;
  for (int d = 0; d < kDepth; ++d) {
    C left[kEach], right[kEach];
    for (int i = 0; i < kEach; ++i) left[i] = a[d][row + i * kSide];
    for (int j = 0; j < kEach; ++j) right[j] = b[d][column + j * kSide];
    for (int i = 0; i < kEach; ++i) {
      for (int j = 0; j < kEach; ++j) sums[i][j] += left[i] * right[j];
    }
  }
}

template <class To, class C>
__device__ void store_tile(To* c, const C (&sums)[kEach][kEach], std::int64_t first_row,
                           std::int64_t first_column, std::int64_t m, std::int64_t n) {
  for (int i = 0; i < kEach; ++i) {
    const std::int64_t row = first_row + static_cast<int>(threadIdx.x) / kSide + i * kSide;
    for (int j = 0; j < kEach; ++j) {
      const std::int64_t column = first_column + static_cast<int>(threadIdx.x) % kSide + j * kSide;
      if (row < m && column < n) c[row * n + column] = static_cast<To>(sums[i][j]);
    }
  }
}

// a is read as (m, k), b as (n, k).
template <class C, class To, class From>
__global__ void matmul_kernel(To* c, const From* a, const From* b, std::int64_t m, std::int64_t n,
                              std::int64_t k, Steps a_steps, Steps b_steps) {
  __shared__ Tile<C> a_tile, b_tile;
  const std::int64_t tiles_across = (n + kTile - 1) / kTile;
  const std::int64_t first_row = blockIdx.x / tiles_across * kTile;
  const std::int64_t first_column = blockIdx.x % tiles_across * kTile;
  C sums[kEach][kEach] = {};
  for (std::int64_t depth = 0; depth < k; depth += kDepth) {
    load_tile<C>(a_tile, a, a_steps, first_row, m, depth, k);
    load_tile<C>(b_tile, b, b_steps, first_column, n, depth, k);
    __syncthreads();
    multiply_tiles<C>(sums, a_tile, b_tile);
    __syncthreads();
  }
  store_tile<To, C>(c, sums, first_row, first_column, m, n);
}

}  // namespace

template <class To, class From>
Status tiled_matmul(To* c, const From* a, const From* b, const MatmulShape& s) {
  using C = std::conditional_t<std::is_same_v<To, double>, double, float>;
  const Steps a_steps = s.transpose_a ? Steps{1, s.m} : Steps{s.k, 1};
  const Steps b_steps = s.transpose_b ? Steps{s.k, 1} : Steps{1, s.n};
  const std::int64_t tiles = ((s.m + kTile - 1) / kTile) * ((s.n + kTile - 1) / kTile);
  return launch(matmul_kernel<C, To, From>, tiles, kThreads, c, a, b, s.m, s.n, s.k, a_steps,
                b_steps);
}

template Status tiled_matmul(float*, const float*, const float*, const MatmulShape&);
template Status tiled_matmul(double*, const double*, const double*, const MatmulShape&);
template Status tiled_matmul(BFloat16*, const BFloat16*, const BFloat16*, const MatmulShape&);
template Status tiled_matmul(float*, const BFloat16*, const BFloat16*, const MatmulShape&);
template Status tiled_matmul(Float16*, const Float16*, const Float16*, const MatmulShape&);
template Status tiled_matmul(float*, const Float16*, const Float16*, const MatmulShape&);

}  // namespace banach::cuda
