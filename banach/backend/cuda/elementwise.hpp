#pragma once

#include <banach/backend/backend.hpp>
#include <banach/backend/cuda/walk.hpp>

namespace banach::cuda {

/// y = f(x), (n,), with the function's two parameters. In place.
template <class T>
using Unary = Status (*)(T* y, const T* x, std::int64_t n, T alpha, T scale);
/// dx = dy f'(known), (n,), where `known` is x or y as the function says. In place.
template <class T>
using UnaryGrad = Status (*)(T* dx, const T* dy, const T* known, std::int64_t n, T alpha, T scale);

/// c = f(a, b), where `walk` fills c from a and b. In place on one that c is not broadcast from.
template <class T>
using Binary = Status (*)(T* c, const T* a, const T* b, const Walk<2>& walk);
/// y = x, (n,), converted as C++ converts numbers.
using Cast = Status (*)(void* y, const void* x, std::int64_t n);

/// By a name of functions::Unary; for float and double.
template <class T>
Unary<T> find_unary(std::string_view name);
template <class T>
UnaryGrad<T> find_unary_grad(std::string_view name);
/// By a name of functions::Binary; for float and double.
template <class T>
Binary<T> find_binary(std::string_view name);
Cast find_cast(DType to, DType from);

/// y = x + 1, one number. In place.
Status increment(std::int64_t* y, const std::int64_t* x);

/// y = x1 or, where *condition is 0, x2; so many bytes, whatever they are. In place on x2, and then
/// nothing is written for 0. For float, double, BFloat16 and Float16.
template <class Condition>
Status either(std::byte* y, const Condition* condition, const std::byte* x1, const std::byte* x2,
              std::int64_t bytes);

}  // namespace banach::cuda
