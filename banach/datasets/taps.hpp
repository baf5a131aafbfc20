#pragma once

#include <cstdint>
#include <vector>

/// Resizing along one axis: what each new position takes from the old ones.
namespace banach::utils::detail {

/// Consecutive old positions from `begin` on, with a weight each.
template <class Weight>
struct Taps {
  std::int64_t begin;
  std::vector<Weight> weights;
};

template <class Weight>
using AxisTaps = std::vector<Taps<Weight>>;  // one a new position

/// Resizes the middle axis of (outer, length, inner): each new element is `finish` of a weighted
/// sum that begins with `start`.
template <class T, class Weight, class Finish>
std::vector<T> combine(const T* from, std::int64_t outer, std::int64_t length, std::int64_t inner,
                       const AxisTaps<Weight>& axis, Weight start, Finish finish) {
  std::vector<T> result;
  result.reserve(static_cast<std::size_t>(outer * inner) * axis.size());
  for (std::int64_t i = 0; i < outer; ++i, from += length * inner) {
    for (const Taps<Weight>& taps : axis) {
      for (std::int64_t k = 0; k < inner; ++k) {
        const T* element = from + taps.begin * inner + k;
        Weight sum = start;
        for (const Weight weight : taps.weights) {
          sum += weight * static_cast<Weight>(*element);
          element += inner;
        }
        result.push_back(finish(sum));
      }
    }
  }
  return result;
}

}  // namespace banach::utils::detail
