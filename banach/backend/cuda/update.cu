#include <banach/backend/cuda/batch.cuh>
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

template <class Rule, class T>
using RuleNumbers = decltype(convert_numbers<T>(std::declval<Rule>().numbers({})));

// What a block knows of the step.
template <class Rule, class T>
struct Step {
  RuleNumbers<Rule, T> numbers;
  T decay, gradient_scale;
};

template <class Rule, class T>
__device__ void update_part(const UpdateViews<Rule, T>& s, std::int64_t begin, std::int64_t end,
                            const Step<Rule, T>& step) {
  for (std::int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
    std::array<T, Rule::kSlots> slots;
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) slots[k - 1] = s.from[k][i];
    T w = s.from[0][i];
    if (step.decay != 0) w -= step.decay * w;
    s.to[0][i] = w - change(Rule(), s.g[i] * step.gradient_scale, slots, step.numbers);
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) s.to[k][i] = slots[k - 1];
  }
}

template <class Rule, class T>
__device__ void keep_part(const UpdateViews<Rule, T>& s, std::int64_t begin, std::int64_t end) {
  for (std::size_t k = 0; k <= Rule::kSlots; ++k) {
    if (s.to[k] == s.from[k]) continue;
    for (std::int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
      s.to[k][i] = s.from[k][i];
    }
  }
}

template <class Rule, class T>
__global__ void update_kernel(const Batch<UpdateViews<Rule, T>> weights, Rule rule,
                              double weight_decay, ScalarViews<Rule, T> scalars) {
  __shared__ Step<Rule, T> step;
  if (threadIdx.x == 0) {
    const StepScalars now = scalars.read();
    step.numbers = convert_numbers<T>(rule.numbers(now));
    step.decay = static_cast<T>(weight_decay * now.rate);
    step.gradient_scale = static_cast<T>(now.gradient_scale);
  }
  __syncthreads();
  for_each_part(weights, [&](const auto& views, std::int64_t begin, std::int64_t end) {
    if (step.gradient_scale == 0) {
      keep_part(views, begin, end);
    } else {
      update_part(views, begin, end, step);
    }
  });
}

template <class Rule, class T>
Kernel make_update(const Op& any, const Views& in, const Views& out) {
  const auto& op = static_cast<const UpdateOp<Rule>&>(any);
  return Kernel([batches = make_batches(update_views<Rule, T>(in, out)), rule = op.rule,
                 weight_decay = op.weight_decay, scalars = ScalarViews<Rule, T>(op, in)] {
    return launch_batches(update_kernel<Rule, T>, batches, rule, weight_decay, scalars);
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
