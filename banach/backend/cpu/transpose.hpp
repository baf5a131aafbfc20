#pragma once

#include <banach/core/shape.hpp>

#include <vector>

namespace banach::cpu {

/// y (of `shape`) [i_0, i_1, ...] = x[i_0 steps[0] + i_1 steps[1] + ...], with at least one axis.
void transpose(float* y, const float* x, const Shape& shape,
               const std::vector<std::int64_t>& steps);

}  // namespace banach::cpu
