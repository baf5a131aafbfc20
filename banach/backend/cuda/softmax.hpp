#pragma once

#include <banach/backend/backend.hpp>

namespace banach::cuda {

// For float and double. `targets` are distributions (rows, columns) or, when sparse, class numbers
// (rows,).

/// y = exp(x) / sum(exp(x)), (rows, columns). In place.
template <class T>
Status softmax(T* y, const T* x, std::int64_t rows, std::int64_t columns);
/// dx = y (dy - sum(dy y)). In place of dy.
template <class T>
Status softmax_grad(T* dx, const T* dy, const T* y, std::int64_t rows, std::int64_t columns);

/// loss (rows,) and y = softmax(x), and match (rows,) unless it is null. y may lie on x.
template <class T>
Status softmax_crossentropy(T* loss, T* y, T* match, const T* x, const T* targets,
                            std::int64_t rows, std::int64_t columns, bool sparse);
/// dx = dloss (sum(targets) y - targets). In place of y.
template <class T>
Status softmax_crossentropy_grad(T* dx, const T* dloss, const T* y, const T* targets,
                                 std::int64_t rows, std::int64_t columns, bool sparse);
/// match (rows,) = 1 where the first largest score is at the target's class, else 0.
template <class T>
Status categorical_match(T* match, const T* targets, const T* scores, std::int64_t rows,
                         std::int64_t columns, bool sparse);
/// Class numbers (rows,) as y (rows, columns).
template <class T>
Status one_hot(T* y, const T* labels, std::int64_t rows, std::int64_t columns);

}  // namespace banach::cuda
