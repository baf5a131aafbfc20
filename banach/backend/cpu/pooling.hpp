#pragma once

#include <banach/ops/window.hpp>

#include <cstdint>

namespace banach::cpu {

/// Pooling of x (batch, height, width, channels) to y (batch, out_height, out_width, channels).
struct PoolShape {
  Window window;
  std::int64_t batch, height, width, channels, out_height, out_width;

  bool windows_overlap() const {
    return window.strides.height < window.size.height || window.strides.width < window.size.width;
  }
  /// Whether every pixel lies in exactly one window.
  bool windows_tile() const {
    return window.strides == window.size &&
           out_height * window.size.height >= height + window.before.height &&
           out_width * window.size.width >= width + window.before.width;
  }
};

void max_pool(float* y, const float* x, const PoolShape& shape);
void average_pool(float* y, const float* x, const PoolShape& shape);
/// dx like x; the first maximum of a window gets its gradient.
void max_pool_grad(float* dx, const float* dy, const float* x, const PoolShape& shape);
void average_pool_grad(float* dx, const float* dy, const PoolShape& shape);

}  // namespace banach::cpu
