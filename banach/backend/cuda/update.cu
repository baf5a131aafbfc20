#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/update.hpp>
#include <banach/backend/update_views.hpp>

namespace banach::cuda {
namespace {

template <class T>
__device__ T square_root(T x) {
  return std::sqrt(x);
}
template <class T>
__device__ T absolute(T x) {
  return std::abs(x);
}
template <class T>
__device__ T maximum(T a, T b) {
  return functions::Maximum::forward(a, b);
}

#include <banach/ops/update_formulas-inl.hpp>

constexpr std::int64_t kPart = 4 * kThreads;  // elements that a block takes at a time

// Weights of one launch, a parameter of the kernel: pointers in device memory could not be written
// while a graph is captured. Weight i has the parts [first_part[i], first_part[i + 1]).
template <class Rule, class T>
struct Weights {
  static constexpr std::size_t kParameterBytes = 4096 - 512;  // CUDA's limit, less the others
  static constexpr std::size_t kMost = (kParameterBytes - 2 * sizeof(std::int64_t)) /
                                       (sizeof(UpdateViews<Rule, T>) + sizeof(std::int64_t));

  void add(const UpdateViews<Rule, T>& weight) {
    views[count] = weight;
    first_part[count + 1] = first_part[count] + (weight.size + kPart - 1) / kPart;
    ++count;
  }
  /// The weight that a part belongs to.
  BANACH_HOST_DEVICE int find(std::int64_t part) const {
    int low = 0, high = count - 1;
    while (low < high) {
      const int middle = (low + high) / 2;
      if (part < first_part[middle + 1]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  UpdateViews<Rule, T> views[kMost];
  std::int64_t first_part[kMost + 1];
  int count;
};

template <class Rule, class T>
using RuleNumbers = decltype(convert_numbers<T>(std::declval<Rule>().numbers({})));

template <class Rule, class T>
__device__ void update_part(const UpdateViews<Rule, T>& s, std::int64_t begin,
                            const RuleNumbers<Rule, T>& numbers, T decay) {
  const std::int64_t end = begin + kPart < s.size ? begin + kPart : s.size;
  for (std::int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
    std::array<T, Rule::kSlots> slots;
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) slots[k - 1] = s.from[k][i];
    T w = s.from[0][i];
    if (decay != 0) w -= decay * w;
    s.to[0][i] = w - change(Rule(), s.g[i], slots, numbers);
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) s.to[k][i] = slots[k - 1];
  }
}

template <class Rule, class T>
__global__ void update_kernel(const Weights<Rule, T> weights, Rule rule, double weight_decay,
                              ScalarViews<Rule, T> scalars) {
  __shared__ RuleNumbers<Rule, T> numbers;
  __shared__ T decay;
  if (threadIdx.x == 0) {
    const StepScalars now = scalars.read();
    numbers = convert_numbers<T>(rule.numbers(now));
    decay = static_cast<T>(weight_decay * now.rate);
  }
  __syncthreads();
  const std::int64_t parts = weights.first_part[weights.count];
  for (std::int64_t part = blockIdx.x; part < parts; part += gridDim.x) {
    const int i = weights.find(part);
    update_part(weights.views[i], (part - weights.first_part[i]) * kPart, numbers, decay);
  }
}

template <class Rule, class T>
std::vector<Weights<Rule, T>> make_launches(const std::vector<UpdateViews<Rule, T>>& all) {
  std::vector<Weights<Rule, T>> launches;
  for (const auto& weight : all) {
    if (launches.empty() || launches.back().count == static_cast<int>(Weights<Rule, T>::kMost)) {
      launches.push_back({});
    }
    launches.back().add(weight);
  }
  return launches;
}

template <class Rule, class T>
Kernel make_update(const Op& any, const Views& in, const Views& out) {
  const auto& op = static_cast<const UpdateOp<Rule>&>(any);
  return Kernel([launches = make_launches(update_views<Rule, T>(in, out)), rule = op.rule,
                 weight_decay = op.weight_decay, scalars = ScalarViews<Rule, T>(in)]() -> Status {
    for (const Weights<Rule, T>& weights : launches) {
      constexpr std::int64_t kMostBlocks = 2048;
      const std::int64_t blocks = std::min(weights.first_part[weights.count], kMostBlocks);
      const Status status =
          launch(update_kernel<Rule, T>, blocks, kThreads, weights, rule, weight_decay, scalars);
      if (status != 0) return status;
    }
    return 0;
  });
}

}  // namespace

template <class T>
MakeUpdate find_update(std::string_view name) {
  MakeUpdate found = nullptr;
  functions::with_name<rules::All>(name, [&]<class Rule>() { found = make_update<Rule, T>; });
  return found;
}

template MakeUpdate find_update<float>(std::string_view);
template MakeUpdate find_update<double>(std::string_view);

}  // namespace banach::cuda
