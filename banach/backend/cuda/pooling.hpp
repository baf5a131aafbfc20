#pragma once

#include <banach/backend/backend.hpp>

namespace banach::cuda {

/// x (batch, height, width, channels), y (batch, out_height, out_width, channels).
struct PoolShape {
  std::int64_t batch;
  int height, width, channels, out_height, out_width;
  int size_height, size_width, stride_height, stride_width, before_height, before_width;
};

// For float, double, BFloat16 and Float16. Padding counts for neither maximum nor mean.

template <class T>
Status max_pool(T* y, const T* x, const PoolShape& shape);
template <class T>
Status average_pool(T* y, const T* x, const PoolShape& shape);

/// The first maximum of a window gets its gradient.
template <class T>
Status max_pool_grad(T* dx, const T* dy, const T* x, const PoolShape& shape);
template <class T>
Status average_pool_grad(T* dx, const T* dy, const PoolShape& shape);

}  // namespace banach::cuda
