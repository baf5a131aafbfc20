#pragma once

#include <banach/ops/window.hpp>

#include <cstdint>

namespace banach::cpu {

/// Pooling of x (batch, height, width, channels) to y (batch, out_height, out_width, channels).
struct PoolShape {
  Window window;
  std::int64_t batch, height, width, channels, out_height, out_width;
};

void max_pool(float* y, const float* x, const PoolShape& shape);
void average_pool(float* y, const float* x, const PoolShape& shape);
/// dx like x; the first maximum of a window gets its gradient.
void max_pool_grad(float* dx, const float* dy, const float* x, const PoolShape& shape);
void average_pool_grad(float* dx, const float* dy, const PoolShape& shape);

}  // namespace banach::cpu
