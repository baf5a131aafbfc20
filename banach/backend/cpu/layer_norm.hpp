#pragma once

#include <cstddef>
#include <cstdint>

namespace banach::cpu {

/// ops/normalization.hpp: y = gamma (x - mean) rstd + beta, with the moments of each row of x
/// (rows, columns); mean and rstd are (rows,), gamma and beta (columns,). y may be x.
void layer_norm(float* y, float* mean, float* rstd, const float* x, const float* gamma,
                const float* beta, std::int64_t rows, std::int64_t columns, double epsilon);

std::size_t layer_norm_grad_scratch_bytes(std::int64_t rows, std::int64_t columns);
/// dx may be dy.
void layer_norm_grad(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                     const float* gamma, const float* mean, const float* rstd, std::int64_t rows,
                     std::int64_t columns, std::byte* scratch);

}  // namespace banach::cpu
