#pragma once

#include <banach/backend/backend.hpp>

#include <functional>

namespace banach::cuda {

/// y = function(t), which the host computes in the middle of the stream; NaN where it throws. To be
/// called while the stream that the kernel will run in, or be launched into, is the current one.
template <class T>
Kernel make_of_step(T* y, const std::int64_t* t, std::function<double(std::int64_t)> function);

}  // namespace banach::cuda
