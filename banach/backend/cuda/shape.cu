#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/move.cuh>
#include <banach/backend/cuda/shape.hpp>

#include <optional>

namespace banach::cuda {
namespace {

template <class Index, class T>
__global__ void gather_kernel(T* y, const T* x, Walk<1> walk) {
  for_each_element(
      walk.size,
      [&](std::int64_t i) {
        std::int64_t at[1];
        walk.locate<Index>(i, at);
        return x[at[0]];
      },
      [&](std::int64_t i, T value) { y[i] = value; });
}

// Matrices that are transposed: those of y lie in rows, those of x in columns.
struct Transposition {
  Walk<2> matrices;  // where in y and x each begins
  std::int64_t rows, columns;
  std::int64_t y_row_step, x_column_step;
};

constexpr int kTile = 32;

// A block moves squares: x is read along its columns, y written along its rows.
template <class T>
__global__ void transpose_kernel(T* y, const T* x, Transposition k) {
  __shared__ T square[kTile][kTile + 1];  // one more, so that a column's are in different banks
  const std::int64_t across = (k.columns + kTile - 1) / kTile, down = (k.rows + kTile - 1) / kTile;
  const int lane = static_cast<int>(threadIdx.x) % kTile;
  const int first = static_cast<int>(threadIdx.x) / kTile, step = kThreads / kTile;
  for (std::int64_t i = blockIdx.x; i < k.matrices.size * down * across; i += gridDim.x) {
    std::int64_t at[2];
    k.matrices.locate<std::uint64_t>(i / (down * across), at);
    const std::int64_t row = i / across % down * kTile, column = i % across * kTile;
    for (int j = first; j < kTile; j += step) {
      if (column + j < k.columns && row + lane < k.rows) {
        square[j][lane] = x[at[1] + (column + j) * k.x_column_step + row + lane];
      }
    }
    __syncthreads();
    for (int j = first; j < kTile; j += step) {
      if (row + j < k.rows && column + lane < k.columns) {
        y[at[0] + (row + j) * k.y_row_step + column + lane] = square[lane][j];
      }
    }
    __syncthreads();
  }
}

// Nothing where reading x in the order of y is as good: its last axis is that of x, is repeated, or
// one of the two is short.
std::optional<Transposition> transposition_of(const Walk<1>& walk) {
  constexpr std::int64_t kShort = kTile / 2;
  const int last = walk.rank - 1;
  int rows = 0;
  while (rows < last && walk.steps[0][rows] != 1) ++rows;
  if (last < 1 || rows == last || walk.steps[0][last] == 0) return std::nullopt;
  if (walk.dims[rows] < kShort || walk.dims[last] < kShort) return std::nullopt;
  Transposition result{{}, walk.dims[rows], walk.dims[last], 0, walk.steps[0][last]};
  std::int64_t y_step = walk.size;
  for (int axis = 0; axis < last; ++axis) {
    y_step /= walk.dims[axis];
    if (axis == rows) {
      result.y_row_step = y_step;
      continue;
    }
    Walk<2>& matrices = result.matrices;
    matrices.size *= walk.dims[axis];
    matrices.dims[matrices.rank] = walk.dims[axis];
    matrices.steps[0][matrices.rank] = y_step;
    matrices.steps[1][matrices.rank++] = walk.steps[0][axis];
  }
  return result;
}

template <class T>
Status transpose(T* y, const T* x, const Transposition& k) {
  constexpr std::int64_t kMostBlocks = 4096;
  const std::int64_t squares =
      k.matrices.size * ((k.rows + kTile - 1) / kTile) * ((k.columns + kTile - 1) / kTile);
  return launch(transpose_kernel<T>, std::min(squares, kMostBlocks), kThreads, y, x, k);
}

// The walk in units of elements that lie side by side in x as in y, and the bytes of one.
std::size_t widen(Walk<1>& walk, const void* y, const void* x, std::size_t element_bytes) {
  const int last = walk.rank - 1;
  if (last < 0 || walk.steps[0][last] != 1) return element_bytes;
  const auto bytes = static_cast<std::int64_t>(element_bytes);
  std::size_t unit = std::min({unit_of(y), unit_of(x), unit_of({walk.dims[last] * bytes})});
  for (int axis = 0; axis < last; ++axis) {
    unit = std::min(unit, unit_of({walk.steps[0][axis] * bytes}));
  }
  const std::int64_t elements = static_cast<std::int64_t>(unit) / bytes;
  for (int axis = 0; axis < last; ++axis) walk.steps[0][axis] /= elements;
  walk.dims[last] /= elements;
  walk.size /= elements;
  return unit;
}

template <class T>
Status gather_units(T* y, const T* x, const Walk<1>& walk) {
  if (const auto transposition = transposition_of(walk)) return transpose(y, x, *transposition);
  return walk.is_small() ? launch_elements(gather_kernel<std::uint32_t, T>, walk.size, y, x, walk)
                         : launch_elements(gather_kernel<std::uint64_t, T>, walk.size, y, x, walk);
}

}  // namespace

Status gather(void* y, const void* x, const Walk<1>& walk, std::size_t element_bytes) {
  if (walk.size == 0) return 0;
  Walk<1> wide = walk;
  const std::size_t unit = widen(wide, y, x, element_bytes);
  return visit_unit(unit, [&]<class T>() {
    return gather_units(static_cast<T*>(y), static_cast<const T*>(x), wide);
  });
}

Status copy_bytes(void* y, const void* x, std::int64_t bytes) {
  if (bytes == 0) return 0;
  return cudaMemcpyAsync(y, x, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice,
                         current_stream());
}

}  // namespace banach::cuda
