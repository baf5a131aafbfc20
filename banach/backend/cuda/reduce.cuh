#pragma once

// The kernel behind everything that combines the values of many elements into one: sums over axes,
// the moments of channels, the gradients of their parameters.

#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/reduction.hpp>

namespace banach::cuda {

/// One thread's share of a reduction: rows first, first + step, ... before `end` of an output.
struct Share {
  std::int64_t output, part, first, end;
  int lane, step;
};

/// Two sums that are made together.
template <class T>
struct Pair {
  T first, second;
  __device__ friend Pair operator+(Pair a, Pair b) {
    return {a.first + b.first, a.second + b.second};
  }
};

template <class V, class Row, class Combine>
__device__ V combine_rows(const Row& row, Combine combine, V identity, const Share& share) {
  V result = identity;
  std::int64_t r = share.first;
  const std::int64_t step = share.step;
  for (; r + 3 * step < share.end; r += 4 * step) {  // four loads on their way at once
    const V a = row(r), b = row(r + step), c = row(r + 2 * step), d = row(r + 3 * step);
    result = combine(result, combine(combine(a, b), combine(c, d)));
  }
  for (; r < share.end; r += step) result = combine(result, row(r));
  return result;
}

/// Over the lanes of each of the block's outputs; every lane gets the result.
template <class V, class Combine>
__device__ V combine_lanes(V value, Combine combine, int lane, int slot, int lanes) {
  if (lanes == 1) return value;
  __shared__ V shared[kThreads];
  const int slots = kThreads / lanes, at = lane * slots + slot;
  __syncthreads();  // the last use of `shared` is over
  shared[at] = value;
  for (int half = lanes / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane < half) shared[at] = combine(shared[at], shared[at + half * slots]);
  }
  __syncthreads();
  return shared[slot];
}

/// The share of this thread in the block that is the given one of a tiling, and whether it has one.
struct Place {
  Share share;
  int slot;
  bool exists;
};
__device__ inline Place place_of(const Tiling& t, std::int64_t tiles, std::int64_t block) {
  const int thread = static_cast<int>(threadIdx.x), slots = kThreads / t.lanes;
  const int slot = t.lanes_side_by_side ? thread / t.lanes : thread % slots;
  const int lane = t.lanes_side_by_side ? thread % t.lanes : thread / slots;
  const std::int64_t output = block % tiles * slots + slot, part = block / tiles;
  const std::int64_t begin = part * t.chunk, end = begin + t.chunk;
  const Share share{output, part, begin + lane, end < t.rows ? end : t.rows, lane, t.lanes};
  return {share, slot, output < t.outputs};
}

/// load(output)(row) is the value of a row, and all lanes of an output call finish(share, result).
template <class V, class Load, class Combine, class Finish>
__global__ void reduce_kernel(Finish finish, Load load, Combine combine, V identity, Tiling t,
                              std::int64_t tiles) {
  for (std::int64_t block = blockIdx.x; block < tiles * t.parts; block += gridDim.x) {
    const Place at = place_of(t, tiles, block);
    const V own =
        at.exists ? combine_rows(load(at.share.output), combine, identity, at.share) : identity;
    const V result = combine_lanes(own, combine, at.share.lane, at.slot, t.lanes);
    if (at.exists) finish(at.share, result);
  }
}

/// finish(share, result) for all shares of a reduction whose results are known, (outputs,).
template <class V, class Finish>
__global__ void spread_kernel(Finish finish, const V* results, Tiling t, std::int64_t tiles) {
  for (std::int64_t block = blockIdx.x; block < tiles * t.parts; block += gridDim.x) {
    const Place at = place_of(t, tiles, block);
    if (at.exists) finish(at.share, results[at.share.output]);
  }
}

/// The results of parts, (parts, outputs).
template <class V>
struct StorePart {
  V* partial;
  std::int64_t outputs;
  __device__ void operator()(const Share& share, V value) const {
    if (share.lane == 0) partial[share.part * outputs + share.output] = value;
  }
};
template <class V>
struct LoadPart {
  const V* partial;
  std::int64_t outputs;
  __device__ auto operator()(std::int64_t output) const {
    return [from = partial + output, step = outputs](std::int64_t r) { return from[r * step]; };
  }
};

template <class V>
struct Store {
  V* to;
  __device__ void operator()(const Share& share, V value) const {
    if (share.lane == 0) to[share.output] = value;
  }
};

/// Blocks to launch for a tiling.
inline std::int64_t grid_of(const Tiling& t) {
  constexpr std::int64_t kMostBlocks = 65536;
  return std::min(t.blocks(), kMostBlocks);
}

template <class V, class Load, class Combine, class Finish>
Status launch_reduction(const Tiling& t, Finish finish, Load load, Combine combine, V identity) {
  return launch(reduce_kernel<V, Load, Combine, Finish>, grid_of(t), kThreads, finish, load,
                combine, identity, t, t.tiles());
}

/// The whole reduction, after which lane 0 of each output has called finish(share, result): one
/// kernel, or two when the tiling has parts, whose results go to scratch memory.
template <class V, class Load, class Combine, class Finish>
Status reduce(const Tiling& t, Finish finish, Load load, Combine combine, V identity,
              std::byte* scratch) {
  if (t.parts == 1) return launch_reduction(t, finish, load, combine, identity);
  V* partial = reinterpret_cast<V*>(scratch);
  const Status status =
      launch_reduction(t, StorePart<V>{partial, t.outputs}, load, combine, identity);
  if (status != 0) return status;
  return launch_reduction(make_second_tiling(t), finish, LoadPart<V>{partial, t.outputs}, combine,
                          identity);
}

/// The same with a finish(share, result) that all lanes of all parts call, for what the result does
/// to the rows: one kernel, or three. Scratch memory: spread_scratch_bytes.
template <class V, class Load, class Combine, class Finish>
Status reduce_and_spread(const Tiling& t, Finish finish, Load load, Combine combine, V identity,
                         std::byte* scratch) {
  if (t.parts == 1) return launch_reduction(t, finish, load, combine, identity);
  V* results = reinterpret_cast<V*>(scratch + t.scratch_bytes(sizeof(V)));
  const Status status = reduce(t, Store<V>{results}, load, combine, identity, scratch);
  if (status != 0) return status;
  return launch(spread_kernel<V, Finish>, grid_of(t), kThreads, finish, results, t, t.tiles());
}

/// The elements x of a tensor.
template <class T>
struct LoadStrided {
  const T* x;
  Axes kept, reduced;
  __device__ std::int64_t offset(std::int64_t output, std::int64_t row) const {
    return kept.offset(output) + reduced.offset(row);
  }
  __device__ auto operator()(std::int64_t output) const {
    return [from = x + kept.offset(output), &axes = reduced](std::int64_t r) {
      return from[axes.offset(r)];
    };
  }
};
/// The same where at most one block of axes is reduced.
template <class T>
struct LoadBlocks {
  const T* x;
  Axes kept;
  std::int64_t step;
  __device__ std::int64_t offset(std::int64_t output, std::int64_t row) const {
    return kept.offset(output) + row * step;
  }
  __device__ auto operator()(std::int64_t output) const {
    return [from = x + kept.offset(output), by = step](std::int64_t r) { return from[r * by]; };
  }
};

/// run(load) with what loads the elements of x.
template <class T, class Run>
Status with_load(const T* x, const Reduction& r, const Run& run) {
  if (r.reduced.rank > 1) return run(LoadStrided<T>{x, r.kept, r.reduced});
  return run(LoadBlocks<T>{x, r.kept, r.reduced.steps[0]});
}

}  // namespace banach::cuda
