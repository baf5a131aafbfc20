#pragma once

#include <banach/core/bfloat16.hpp>

#include <cstdint>

namespace banach::cpu {

/// `count` elements between float32 and bfloat16, rounded to nearest even. Serial.
void convert(BFloat16* to, const float* from, std::int64_t count);
void convert(float* to, const BFloat16* from, std::int64_t count);

}  // namespace banach::cpu
