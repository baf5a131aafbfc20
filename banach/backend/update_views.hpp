#pragma once

// Where the values of an UpdateOp lie; what the kernels of all backends read and write.

#include <banach/backend/backend.hpp>
#include <banach/ops/update.hpp>

#include <algorithm>
#include <array>

namespace banach {

/// One weight of an update with its gradient, all (size,). `from` and `to` are the weight, then its
/// slots; in a training step they are the same memory.
template <class Rule, class T>
struct UpdateViews {
  std::array<T*, 1 + Rule::kSlots> to;
  std::array<const T*, 1 + Rule::kSlots> from;
  const T* g;
  std::int64_t size;
};

template <class Rule, class T>
std::vector<UpdateViews<Rule, T>> update_views(const Views& in, const Views& out) {
  const std::size_t n = out.size() / (1 + Rule::kSlots);
  std::vector<UpdateViews<Rule, T>> all(n);
  for (std::size_t i = 0; i < n; ++i) {
    all[i].g = in[Rule::kScalars + i].template as<T>();
    all[i].size = out[i].size();
    for (std::size_t k = 0; k <= Rule::kSlots; ++k) {
      all[i].from[k] = in[Rule::kScalars + (1 + k) * n + i].template as<T>();
      all[i].to[k] = out[k * n + i].template as<T>();
    }
  }
  return all;
}

/// What an update whose gradients' scale is 0 does, with UpdateViews or what is like them.
template <class Weights>
void keep_values(const Weights& weights) {
  for (const auto& w : weights) {
    for (std::size_t k = 0; k < w.to.size(); ++k) {
      if (w.to[k] != w.from[k]) std::copy_n(w.from[k], w.size, w.to[k]);
    }
  }
}

/// Output i may rewrite input `scalars` + n + i.
template <class Rule>
std::vector<int> update_in_place(const Node& node) {
  const std::size_t n = node.outputs.size() / (1 + Rule::kSlots);
  std::vector<int> in_place(node.outputs.size());
  for (std::size_t i = 0; i < in_place.size(); ++i) {
    in_place[i] = static_cast<int>(Rule::kScalars + n + i);
  }
  return in_place;
}

/// The scalars of an update, read anew in each step.
template <class Rule, class T>
struct ScalarViews {
  ScalarViews(const ScalableUpdateOp& op, const Views& in) : rate(in[0].as<T>()) {
    if constexpr (Rule::kScalars > 1) t = in[1].as<std::int64_t>();
    if constexpr (Rule::kScalars > 2) product = in[2].as<T>();
    if (op.scaled) scale = in.back().as<T>();
  }
  BANACH_HOST_DEVICE StepScalars read() const {
    return {*rate, t == nullptr ? 1 : *t, product == nullptr ? 1 : *product,
            scale == nullptr ? 1 : *scale};
  }

  const T* rate;
  const std::int64_t* t = nullptr;
  const T* product = nullptr;
  const T* scale = nullptr;
};

/// The numbers of a rule's formula in the type that it computes in.
template <class T, std::size_t kCount>
BANACH_HOST_DEVICE std::array<T, kCount> convert_numbers(
    const std::array<double, kCount>& numbers) {
  std::array<T, kCount> result;
  for (std::size_t i = 0; i < kCount; ++i) result[i] = static_cast<T>(numbers[i]);
  return result;
}

}  // namespace banach
