#include <banach/backend/cuda/elementwise.hpp>
#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/move.cuh>
#include <banach/core/bfloat16.hpp>
#include <banach/core/converted.hpp>
#include <banach/core/float16.hpp>
#include <banach/ops/functions.hpp>

namespace banach::cuda {
namespace {

template <class F, class T>
__global__ void unary_kernel(T* y, const T* x, std::int64_t n, T alpha, T scale) {
  for_each_element(
      n, [&](std::int64_t i) { return x[i]; },
      [&](std::int64_t i, T value) { y[i] = F::forward(value, alpha, scale); });
}

template <class T>
struct Two {
  T a, b;
};

template <class F, class T>
__global__ void unary_grad_kernel(T* dx, const T* dy, const T* known, std::int64_t n, T alpha,
                                  T scale) {
  for_each_element(
      n,
      [&](std::int64_t i) {
        return Two<T>{dy[i], known[i]};
      },
      [&](std::int64_t i, Two<T> x) { dx[i] = x.a * F::slope(x.b, alpha, scale); });
}

template <class F, class Index, class T>
__global__ void binary_kernel(T* c, const T* a, const T* b, Walk<2> walk) {
  for_each_element(
      walk.size,
      [&](std::int64_t i) {
        std::int64_t at[2];
        walk.locate<Index>(i, at);
        return Two<T>{a[at[0]], b[at[1]]};
      },
      [&](std::int64_t i, Two<T> x) { c[i] = F::forward(x.a, x.b); });
}

template <class To, class From>
__global__ void cast_kernel(To* y, const From* x, std::int64_t n) {
  for_each_element(
      n, [&](std::int64_t i) { return x[i]; },
      [&](std::int64_t i, From value) { y[i] = converted<To>(value); });
}

template <class Condition, class T>
__global__ void either_kernel(T* y, const Condition* condition, const T* x1, const T* x2,
                              std::int64_t n) {
  const T* x = static_cast<Computed<Condition>>(*condition) != 0 ? x1 : x2;
  if (x == y) return;
  for_each_element(
      n, [&](std::int64_t i) { return x[i]; }, [&](std::int64_t i, T value) { y[i] = value; });
}

__global__ void increment_kernel(std::int64_t* y, const std::int64_t* x) { *y = *x + 1; }

template <class F, class T>
Status unary(T* y, const T* x, std::int64_t n, T alpha, T scale) {
  return launch_elements(unary_kernel<F, T>, n, y, x, n, alpha, scale);
}

template <class F, class T>
Status unary_grad(T* dx, const T* dy, const T* known, std::int64_t n, T alpha, T scale) {
  return launch_elements(unary_grad_kernel<F, T>, n, dx, dy, known, n, alpha, scale);
}

template <class F, class T>
Status binary(T* c, const T* a, const T* b, const Walk<2>& walk) {
  return walk.is_small()
             ? launch_elements(binary_kernel<F, std::uint32_t, T>, walk.size, c, a, b, walk)
             : launch_elements(binary_kernel<F, std::uint64_t, T>, walk.size, c, a, b, walk);
}

template <class To, class From>
Status cast(void* y, const void* x, std::int64_t n) {
  return launch_elements(cast_kernel<To, From>, n, static_cast<To*>(y), static_cast<const From*>(x),
                         n);
}

}  // namespace

template <class T>
Unary<T> find_unary(std::string_view name) {
  Unary<T> found = nullptr;
  functions::with_name<functions::Unary>(name, [&]<class F>() { found = unary<F, T>; });
  return found;
}

template <class T>
UnaryGrad<T> find_unary_grad(std::string_view name) {
  UnaryGrad<T> found = nullptr;
  functions::with_name<functions::Unary>(name, [&]<class F>() { found = unary_grad<F, T>; });
  return found;
}

template <class T>
Binary<T> find_binary(std::string_view name) {
  Binary<T> found = nullptr;
  functions::with_name<functions::Binary>(name, [&]<class F>() { found = binary<F, T>; });
  return found;
}

Cast find_cast(DType to, DType from) {
  return visit_dtype(to, [&]<class To>() {
    return visit_dtype(from, [&]<class From>() -> Cast { return cast<To, From>; });
  });
}

Status increment(std::int64_t* y, const std::int64_t* x) {
  return launch(increment_kernel, 1, 1, y, x);
}

template <class Condition>
Status either(std::byte* y, const Condition* condition, const std::byte* x1, const std::byte* x2,
              std::int64_t bytes) {
  const std::size_t unit = std::min({unit_of(y), unit_of(x1), unit_of(x2), unit_of({bytes})});
  return visit_unit(unit, [&]<class T>() {
    const std::int64_t n = bytes / static_cast<std::int64_t>(sizeof(T));
    return launch_elements(either_kernel<Condition, T>, n, reinterpret_cast<T*>(y), condition,
                           reinterpret_cast<const T*>(x1), reinterpret_cast<const T*>(x2), n);
  });
}

template Unary<float> find_unary(std::string_view);
template Unary<double> find_unary(std::string_view);
template UnaryGrad<float> find_unary_grad(std::string_view);
template UnaryGrad<double> find_unary_grad(std::string_view);
template Binary<float> find_binary(std::string_view);
template Binary<double> find_binary(std::string_view);
template Status either(std::byte*, const float*, const std::byte*, const std::byte*, std::int64_t);
template Status either(std::byte*, const double*, const std::byte*, const std::byte*, std::int64_t);
template Status either(std::byte*, const BFloat16*, const std::byte*, const std::byte*,
                       std::int64_t);
template Status either(std::byte*, const Float16*, const std::byte*, const std::byte*,
                       std::int64_t);

}  // namespace banach::cuda
