#include <banach/backend/cuda/batch.cuh>
#include <banach/backend/cuda/loss_scale.hpp>
#include <banach/ops/loss_scale.hpp>

#include <cmath>

namespace banach::cuda {
namespace {

template <class T>
struct Gradient {
  const T* values;
  std::int64_t size;
};

// Every thread that finds one writes the same.
template <class T>
__global__ void find_infinite_kernel(const Batch<Gradient<T>> gradients, int* found) {
  bool infinite = false;
  for_each_part(gradients, [&](const Gradient<T>& g, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
      infinite |= !std::isfinite(static_cast<Computed<T>>(g.values[i]));
    }
  });
  if (infinite) *found = 1;
}

struct States {
  float *multiplier, *next_scale;
  std::int64_t* next_steps;
  const float* scale;
  const std::int64_t* steps;
};

__global__ void next_loss_scale_kernel(States states, const int* found, std::int64_t growth_steps) {
  const LossScaleState now{*states.scale, *states.steps};
  const bool finite = *found == 0;
  const LossScaleState next = next_loss_scale(now, finite, growth_steps);
  *states.multiplier = finite ? 1 / now.scale : 0;
  *states.next_scale = next.scale;
  *states.next_steps = next.steps;
}

// Looks at those of the gradients that are of type T.
template <class T>
Kernel make_search(const Views& in, int* found) {
  constexpr std::size_t kGradients = 2;  // before them are the scale and the steps
  std::vector<Gradient<T>> gradients;
  for (std::size_t i = kGradients; i < in.size(); ++i) {
    if (in[i].spec.dtype == dtype_of<T>) gradients.push_back({in[i].as<T>(), in[i].size()});
  }
  return Kernel([batches = make_batches(gradients), found] {
    return launch_batches(find_infinite_kernel<T>, batches, found);
  });
}

}  // namespace

Kernel make_loss_scale(const LossScaleOp& op, const Views& in, const Views& out,
                       std::byte* scratch) {
  auto* found = reinterpret_cast<int*>(scratch);
  std::vector<Kernel> searches;
  searches.push_back(make_search<float>(in, found));
  searches.push_back(make_search<double>(in, found));
  searches.push_back(make_search<BFloat16>(in, found));
  searches.push_back(make_search<Float16>(in, found));
  const States states{out[0].as<float>(), out[1].as<float>(), out[2].as<std::int64_t>(),
                      in[0].as<float>(), in[1].as<std::int64_t>()};
  return Kernel([searches = std::move(searches), found, states,
                 growth_steps = op.growth_steps]() -> Status {
    Status status = cudaMemsetAsync(found, 0, sizeof *found, current_stream());
    for (std::size_t i = 0; status == 0 && i < searches.size(); ++i) status = searches[i]();
    return status != 0 ? status : launch(next_loss_scale_kernel, 1, 1, states, found, growth_steps);
  });
}

}  // namespace banach::cuda
