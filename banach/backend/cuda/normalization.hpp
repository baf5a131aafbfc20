#pragma once

#include <banach/backend/backend.hpp>

namespace banach::cuda {

// For float and double; x, y and their gradients (rows, channels) or (rows, columns).

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta with the moments of each channel's rows,
/// summed in double. y may lie on x.
template <class T>
Status batch_norm(T* y, T* mean, T* variance, const T* x, const T* gamma, const T* beta,
                  std::int64_t rows, std::int64_t channels, double epsilon, std::byte* scratch);
/// dx may lie on dy.
template <class T>
Status batch_norm_grad(T* dx, T* dgamma, T* dbeta, const T* dy, const T* x, const T* gamma,
                       const T* mean, const T* variance, std::int64_t rows, std::int64_t channels,
                       double epsilon, std::byte* scratch);
/// For both.
std::size_t batch_norm_scratch_bytes(std::int64_t rows, std::int64_t channels);

/// y = gamma (x - mean) rstd + beta with the moments of each row, rstd = 1 / sqrt(variance +
/// epsilon). y may lie on x.
template <class T>
Status layer_norm(T* y, T* mean, T* rstd, const T* x, const T* gamma, const T* beta,
                  std::int64_t rows, std::int64_t columns, double epsilon);
/// dx may lie on dy.
template <class T>
Status layer_norm_grad(T* dx, T* dgamma, T* dbeta, const T* dy, const T* x, const T* gamma,
                       const T* mean, const T* rstd, std::int64_t rows, std::int64_t columns,
                       std::byte* scratch);
std::size_t layer_norm_grad_scratch_bytes(std::int64_t rows, std::int64_t columns);

}  // namespace banach::cuda
