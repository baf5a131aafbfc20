#pragma once

// Teams of threads that share a row of a matrix: a part of a warp where rows are short, a block
// where they are long. Each thread sees elements lane, lane + size, ... of a row and no others, so
// what is written may lie on what is read.

#include <banach/backend/cuda/launch.cuh>

#include <bit>

namespace banach::cuda {

/// A value and where it is.
template <class T>
struct Best {
  T value;
  int index;
};
/// The larger one, or the first of equal ones.
struct First {
  template <class T>
  __device__ Best<T> operator()(Best<T> a, Best<T> b) const {
    return b.value > a.value || (b.value == a.value && b.index < a.index) ? b : a;
  }
};

template <class T>
__device__ T exchange(T value, int lanes) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, lanes);
}
template <class T>
__device__ Best<T> exchange(Best<T> best, int lanes) {
  return {exchange(best.value, lanes), exchange(best.index, lanes)};
}

struct WarpTeam {
  int size;  // a power of two, at most 32

  /// Over the team, in a fixed order; all threads of the warp must call it.
  template <class V, class Combine>
  __device__ V reduce(V value, Combine combine) const {
    for (int lanes = size / 2; lanes > 0; lanes /= 2) {
      value = combine(value, exchange(value, lanes));
    }
    return value;
  }
};

struct BlockTeam {
  static constexpr int size = kThreads;

  template <class V, class Combine>
  __device__ V reduce(V value, Combine combine) const {
    return block_reduce(value, combine);
  }
};

/// The row of a matrix that a thread works on: elements lane, lane + step, ... before `end`, none
/// for threads that are left over and only take part in reductions.
struct Row {
  std::int64_t index, end;
  int lane, step;
  bool exists;
  __device__ bool leads() const { return exists && lane == 0; }
};

/// body(row) for all rows of a (rows, columns) matrix, in all threads of a warp alike.
template <class Team, class Body>
__device__ void for_each_row(Team team, std::int64_t rows, std::int64_t columns, const Body& body) {
  const int thread = static_cast<int>(threadIdx.x), teams = kThreads / team.size;
  for (std::int64_t first = std::int64_t{blockIdx.x} * teams; first < rows;
       first += std::int64_t{gridDim.x} * teams) {
    const std::int64_t index = first + thread / team.size;
    const bool exists = index < rows;
    body(Row{index, exists ? columns : 0, thread % team.size, team.size, exists});
  }
}

/// launch(team, blocks) for a matrix.
template <class Launch>
Status with_team(std::int64_t rows, std::int64_t columns, const Launch& launch) {
  constexpr std::int64_t kLongestOfWarp = 512, kMostBlocks = 4096;
  if (columns > kLongestOfWarp) return launch(BlockTeam{}, std::min(rows, kMostBlocks));
  const auto lanes = std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(columns, 1)));
  const WarpTeam team{static_cast<int>(std::min<std::uint64_t>(lanes, 32))};
  const std::int64_t teams = kThreads / team.size;
  return launch(team, std::min((rows + teams - 1) / teams, kMostBlocks));
}

}  // namespace banach::cuda
