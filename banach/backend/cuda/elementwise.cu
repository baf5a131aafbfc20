#include <banach/backend/cuda/elementwise.hpp>
#include <banach/backend/cuda/launch.cuh>
#include <banach/ops/functions.hpp>

namespace banach::cuda {
namespace {

template <class F, class T>
__global__ void unary_kernel(T* y, const T* x, std::int64_t n, T alpha, T scale) {
  for (std::int64_t i = first_element(); i < n; i += element_stride()) {
    y[i] = F::forward(x[i], alpha, scale);
  }
}

template <class F, class T>
__global__ void unary_grad_kernel(T* dx, const T* dy, const T* known, std::int64_t n, T alpha,
                                  T scale) {
  for (std::int64_t i = first_element(); i < n; i += element_stride()) {
    dx[i] = dy[i] * F::slope(known[i], alpha, scale);
  }
}

template <class F, class T>
Status unary(T* y, const T* x, std::int64_t n, T alpha, T scale) {
  return launch_elements(unary_kernel<F, T>, n, y, x, n, alpha, scale);
}

template <class F, class T>
Status unary_grad(T* dx, const T* dy, const T* known, std::int64_t n, T alpha, T scale) {
  return launch_elements(unary_grad_kernel<F, T>, n, dx, dy, known, n, alpha, scale);
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

template Unary<float> find_unary(std::string_view);
template Unary<double> find_unary(std::string_view);
template UnaryGrad<float> find_unary_grad(std::string_view);
template UnaryGrad<double> find_unary_grad(std::string_view);

}  // namespace banach::cuda
