#include <banach/backend/cuda/convolution.cuh>
#include <banach/backend/cuda/slices.cuh>

#include <algorithm>

namespace banach::cuda {
namespace {

// dw (taps, filters) = sum over pixels of x (pixel, tap) dy (pixel, filter): a small result from
// many products, so blocks take slices of the pixels and a second kernel adds what they found.

constexpr int kBlocksWanted = 384;  // keep a large GPU busy
constexpr int kLeastPixels = 64;    // of a slice

// What a block sums: teams of threads take the pixels of a step in turn, a thread four taps by four
// filters of all that its team does.
template <int kTaps_, int kFilters_, int kDepth_>
struct TileSizes {
  static constexpr int kTaps = kTaps_, kFilters = kFilters_, kDepth = kDepth_;
  static constexpr int kTeamThreads = kTaps * kFilters / 16;
  static constexpr int kTeams = kThreads / kTeamThreads;
  static constexpr int kFilterRuns = kDepth * kFilters / 4 / kThreads;  // a thread loads of dy
  static_assert(kDepth * kTaps / 4 == kThreads, "a thread loads one run of x");
};
using FewTaps = TileSizes<16, 32, 64>;
using ManyTaps = TileSizes<64, 64, 16>;

bool has_small_groups(const ConvShape& s) {
  constexpr int kFew = 16;
  return s.groups > 1 && (s.channels / s.groups < kFew || s.filters / s.groups < kFew);
}
std::int64_t taps_of(const ConvShape& s) {
  return std::int64_t{s.size.height} * s.size.width * (s.channels / s.groups);
}
bool has_few_taps(const ConvShape& s) { return taps_of(s) <= 2 * FewTaps::kTaps; }
std::int64_t outputs_of(const ConvShape& s) { return taps_of(s) * s.filters; }

template <class Tile>
std::int64_t tiles_of(const ConvShape& s) {
  const int filters = s.filters / s.groups;
  return s.groups * ((taps_of(s) + Tile::kTaps - 1) / Tile::kTaps) *
         ((filters + Tile::kFilters - 1) / Tile::kFilters);
}

struct Slices {
  int count, pixels;  // how many, of so many pixels each
};

// As many as a GPU wants, if `blocks` make one slice.
Slices slices_of(int pixels, std::int64_t blocks) {
  const auto wanted = static_cast<int>(kBlocksWanted / std::max<std::int64_t>(1, blocks));
  const int most = (pixels + kLeastPixels - 1) / kLeastPixels;
  if (std::min(wanted, most) <= 1) return {1, pixels};
  const int steps = (most + wanted - 1) / wanted;
  return {(most + steps - 1) / steps, steps * kLeastPixels};
}

Slices slices_of(const ConvShape& s) {
  const int pixels = s.batch * s.out_height * s.out_width;
  if (has_small_groups(s)) return slices_of(pixels, (outputs_of(s) + kThreads - 1) / kThreads);
  return slices_of(pixels, has_few_taps(s) ? tiles_of<FewTaps>(s) : tiles_of<ManyTaps>(s));
}

struct Block {
  int slice, group, tap, filter;  // first ones
};

__device__ Block block_at(const ConvWalk& w, int taps, int filters) {
  const int across = (w.group_outputs + filters - 1) / filters;
  const int down = (w.taps() + taps - 1) / taps;
  int index = static_cast<int>(blockIdx.x);
  Block block = {};
  block.filter = index % across * filters;
  index /= across;
  block.tap = index % down * taps;
  index /= down;
  block.group = index % w.groups;
  block.slice = index / w.groups;
  return block;
}

// Four filters of a pixel of dy, 0 outside.
template <class T>
__device__ Run<Computed<T>> load_filters(const T* dy, const ConvWalk& w, int group, int pixel,
                                         int end, int filter) {
  Run<Computed<T>> run = {};
  if (pixel >= end) return run;
  const T* from = dy + std::int64_t{pixel} * w.out_channels + group * w.group_outputs + filter;
  if (w.writes_runs && filter < w.group_outputs) {
    const auto found = *reinterpret_cast<const Run<T>*>(from);
    for (int i = 0; i < 4; ++i) run.values[i] = found.values[i];
    return run;
  }
  for (int i = 0; i < 4 && filter + i < w.group_outputs; ++i) run.values[i] = from[i];
  return run;
}

// The sums of all teams, in their order, in the first team's threads.
template <class Tile, class S>
__device__ void add_teams(Run<S> (&sums)[4]) {
  __shared__ Run<S> total[4][Tile::kTeamThreads];
  const int team = static_cast<int>(threadIdx.x) / Tile::kTeamThreads;
  const int place = static_cast<int>(threadIdx.x) % Tile::kTeamThreads;
  for (int adding = Tile::kTeams - 1; adding >= 0; --adding) {
    __syncthreads();
    if (team != adding) continue;
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) {
        if (adding < Tile::kTeams - 1) sums[i].values[j] += total[i][place].values[j];
      }
      total[i][place] = sums[i];
    }
  }
}

// A thread's part of a step: four taps of one pixel of x, and runs of dy.
template <class Tile, class T>
struct Part {
  using S = Computed<T>;

  __device__ Part(const ConvWalk& w, const Block& block)
      : slot(static_cast<int>(threadIdx.x) % Tile::kDepth),
        run(static_cast<int>(threadIdx.x) / Tile::kDepth),
        tap(tap_at(w, block.tap + 4 * run)) {}

  __device__ static int pixel_of(int i) {
    return (static_cast<int>(threadIdx.x) + i * kThreads) / (Tile::kFilters / 4);
  }
  __device__ static int filter_run_of(int i) {
    return (static_cast<int>(threadIdx.x) + i * kThreads) % (Tile::kFilters / 4);
  }

  __device__ void load(const T* x, const T* dy, const ConvWalk& w, const Block& block, int first,
                       int end) {
    const int index = first + slot < end ? first + slot : w.pixels;
    Tap moving = tap;
    taps = load_taps<false>(x, w, pixel_at<false>(w, index, block.group), moving);
    for (int i = 0; i < Tile::kFilterRuns; ++i) {
      filters[i] = load_filters(dy, w, block.group, first + pixel_of(i), end,
                                block.filter + filter_run_of(i) * 4);
    }
  }
  __device__ void store(Run<S> (&image)[Tile::kDepth][Tile::kTaps / 4 + 1],
                        Run<S> (&gradient)[Tile::kDepth][Tile::kFilters / 4]) const {
    image[slot][run] = taps;
    for (int i = 0; i < Tile::kFilterRuns; ++i)
      gradient[pixel_of(i)][filter_run_of(i)] = filters[i];
  }

  const int slot, run;
  const Tap tap;
  Run<S> taps, filters[Tile::kFilterRuns];
};

template <class S>
__device__ void store_sums(S* part, const ConvWalk& w, int group, int tap, int filter,
                           const Run<S> (&sums)[4]) {
  for (int i = 0; i < 4 && tap + i < w.taps(); ++i) {
    S* to = part + std::int64_t{tap + i} * w.out_channels + group * w.group_outputs + filter;
    for (int j = 0; j < 4 && filter + j < w.group_outputs; ++j) to[j] = sums[i].values[j];
  }
}

template <class Tile, class T>
__global__ void kernel_grad_kernel(Computed<T>* parts, const T* x, const T* dy, ConvWalk walk,
                                   int slice_pixels) {
  using S = Computed<T>;
  __shared__ Run<S> image[Tile::kDepth][Tile::kTaps / 4 + 1];  // one more: no banks in common
  __shared__ Run<S> gradient[Tile::kDepth][Tile::kFilters / 4];
  const Block block = block_at(walk, Tile::kTaps, Tile::kFilters);
  const int begin = block.slice * slice_pixels;
  const int end = walk.pixels - begin < slice_pixels ? walk.pixels : begin + slice_pixels;
  const int team = static_cast<int>(threadIdx.x) / Tile::kTeamThreads;
  const int place = static_cast<int>(threadIdx.x) % Tile::kTeamThreads;
  const int across = place % (Tile::kFilters / 4), down = place / (Tile::kFilters / 4);
  Part<Tile, T> part(walk, block);
  part.load(x, dy, walk, block, begin, end);
  Run<S> sums[4] = {};
  for (int first = begin; first < end; first += Tile::kDepth) {
    __syncthreads();
    part.store(image, gradient);
    __syncthreads();
    if (first + Tile::kDepth < end) part.load(x, dy, walk, block, first + Tile::kDepth, end);
    for (int k = team; k < Tile::kDepth; k += Tile::kTeams) {
      add_products<1>(sums, &image[k][down], gradient[k][across]);
    }
  }
  if constexpr (Tile::kTeams > 1) add_teams<Tile>(sums);
  if (team != 0) return;
  S* slice = parts + std::int64_t{block.slice} * walk.taps() * walk.out_channels;
  store_sums(slice, walk, block.group, block.tap + down * 4, block.filter + across * 4, sums);
}

// A thread per weight and slice.
template <class T>
__global__ void small_groups_kernel_grad_kernel(Computed<T>* parts, const T* x, const T* dy,
                                                ConvWalk walk, Slices slices) {
  const std::int64_t outputs = std::int64_t{walk.taps()} * walk.out_channels;
  const std::int64_t size = outputs * slices.count;
  for (std::int64_t i = first_element(); i < size; i += element_stride()) {
    const std::int64_t slice = i / outputs, output = i - slice * outputs;
    const int filter = static_cast<int>(output % walk.out_channels);
    const int group = filter / walk.group_outputs;
    const Tap tap = tap_at(walk, static_cast<int>(output / walk.out_channels));
    const std::int64_t begin = slice * slices.pixels;
    Computed<T> sum = 0;
    for (std::int64_t p = begin; p < begin + slices.pixels && p < walk.pixels; ++p) {
      const Pixel pixel = pixel_at<false>(walk, static_cast<int>(p), group);
      const std::int64_t at = find<false>(walk, pixel, tap);
      if (at < 0) continue;
      sum += static_cast<Computed<T>>(x[at]) *
             static_cast<Computed<T>>(dy[p * walk.out_channels + filter]);
    }
    parts[i] = sum;
  }
}

template <class Tile, class T>
Status launch_tiles(Computed<T>* parts, const T* x, const T* dy, const ConvShape& shape,
                    const ConvWalk& walk, const Slices& slices) {
  return launch(kernel_grad_kernel<Tile, T>, tiles_of<Tile>(shape) * slices.count, kThreads, parts,
                x, dy, walk, slices.pixels);
}

template <class T>
Status launch_slices(Computed<T>* parts, const T* x, const T* dy, const ConvShape& shape,
                     const Slices& slices) {
  const ConvWalk walk = walk_forwards(shape, x, dy);
  if (has_small_groups(shape)) {
    return launch_elements(small_groups_kernel_grad_kernel<T>, outputs_of(shape) * slices.count,
                           parts, x, dy, walk, slices);
  }
  return has_few_taps(shape) ? launch_tiles<FewTaps>(parts, x, dy, shape, walk, slices)
                             : launch_tiles<ManyTaps>(parts, x, dy, shape, walk, slices);
}

}  // namespace

std::size_t conv_kernel_grad_scratch_bytes(const ConvShape& shape, DType dtype) {
  return static_cast<std::size_t>(outputs_of(shape) * slices_of(shape).count) *
         (dtype == float64 ? sizeof(double) : sizeof(float));
}

template <class T>
Status conv_kernel_grad(T* dw, const T* x, const T* dy, const ConvShape& shape,
                        std::byte* scratch) {
  auto* parts = reinterpret_cast<Computed<T>*>(scratch);
  const Slices slices = slices_of(shape);
  if (const Status status = launch_slices(parts, x, dy, shape, slices); status != 0) return status;
  return add_slices(dw, parts, slices.count, outputs_of(shape));
}

template Status conv_kernel_grad(float*, const float*, const float*, const ConvShape&, std::byte*);
template Status conv_kernel_grad(double*, const double*, const double*, const ConvShape&,
                                 std::byte*);
template Status conv_kernel_grad(BFloat16*, const BFloat16*, const BFloat16*, const ConvShape&,
                                 std::byte*);
template Status conv_kernel_grad(Float16*, const Float16*, const Float16*, const ConvShape&,
                                 std::byte*);

}  // namespace banach::cuda
