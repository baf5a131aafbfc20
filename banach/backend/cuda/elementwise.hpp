#pragma once

#include <banach/backend/backend.hpp>

namespace banach::cuda {

/// y = f(x), (n,), with the function's two parameters. In place.
template <class T>
using Unary = Status (*)(T* y, const T* x, std::int64_t n, T alpha, T scale);
/// dx = dy f'(known), (n,), where `known` is x or y as the function says. In place.
template <class T>
using UnaryGrad = Status (*)(T* dx, const T* dy, const T* known, std::int64_t n, T alpha, T scale);

/// By a name of functions::Unary; for float and double.
template <class T>
Unary<T> find_unary(std::string_view name);
template <class T>
UnaryGrad<T> find_unary_grad(std::string_view name);

}  // namespace banach::cuda
