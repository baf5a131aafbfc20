#pragma once

#include <cstddef>
#include <cstdint>

namespace banach::cpu {

/// Bytes of scratch that batch_norm and batch_norm_grad need.
std::size_t batch_norm_scratch_bytes(std::int64_t rows, std::int64_t channels);

/// ops/normalization.hpp: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with the moments
/// of x (rows, channels) over its rows; all others are (channels,).
void batch_norm(float* y, float* mean, float* variance, const float* x, const float* gamma,
                const float* beta, std::int64_t rows, std::int64_t channels, double epsilon,
                std::byte* scratch);

/// dx may be dy.
void batch_norm_grad(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                     const float* gamma, const float* mean, const float* variance,
                     std::int64_t rows, std::int64_t channels, double epsilon, std::byte* scratch);

}  // namespace banach::cpu
