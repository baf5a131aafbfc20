#pragma once

#include <cstdint>
#include <string_view>

namespace banach::cpu {

/// y = f(x) for one of functions::Unary, serially, with the best instructions of this machine; y
/// around the caches when `streamed` (slices.hpp).
using UnaryRange = void (*)(float* y, const float* x, std::int64_t size, float alpha, float scale,
                            bool streamed);
/// dx = dy f', where `known` is y or x, as the function's kFromOutput says. dx may be dy or
/// `known`, which is slow when `streamed`.
using UnaryGradRange = void (*)(float* dx, const float* dy, const float* known, std::int64_t size,
                                float alpha, float scale, bool streamed);

/// Null for an unknown name.
UnaryRange find_unary(std::string_view name);
UnaryGradRange find_unary_grad(std::string_view name);

}  // namespace banach::cpu
