#pragma once

#include <banach/backend/backend.hpp>
#include <banach/backend/cuda/reduction.hpp>

namespace banach::cuda {

// For float and double. `scratch` is what make_tiling(r).scratch_bytes(sizeof(T)) says.

/// y (outputs,) = sum of the rows of x.
template <class T>
Status sum(T* y, const T* x, const Reduction& r, std::byte* scratch);
/// y (outputs,) = largest of the rows of x; a NaN is the largest.
template <class T>
Status maximum(T* y, const T* x, const Reduction& r, std::byte* scratch);
/// dx = dy / n where x is one of the n rows that are y, else 0; dy, y (outputs,). Its scratch
/// memory is what make_tiling(r).spread_scratch_bytes(sizeof(T)) says.
template <class T>
Status maximum_grad(T* dx, const T* dy, const T* x, const T* y, const Reduction& r,
                    std::byte* scratch);

/// *mean = sum of n values times their weights, which may be null, over n, summed in double.
template <class T>
Status weighted_mean(T* mean, const T* values, const T* weights, std::int64_t n,
                     std::byte* scratch);
/// next = state + multiplier * (sum of values times weights, sum of weights), both (2,). In place.
template <class T>
Status accumulate_mean(T* next, const T* state, const T* values, const T* weights, std::int64_t n,
                       double multiplier, std::byte* scratch);
/// For the two above.
std::size_t mean_scratch_bytes(std::int64_t n);

/// dvalues (n,) = *dmean weights / n; weights may be null.
template <class T>
Status weighted_mean_grad(T* dvalues, const T* dmean, const T* weights, std::int64_t n);

}  // namespace banach::cuda
