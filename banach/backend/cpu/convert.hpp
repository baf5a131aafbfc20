#pragma once

#include <banach/backend/cpu/slices.hpp>
#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>

#include <cstdint>

namespace banach::cpu {

/// `count` elements between float32 and bfloat16 or float16, rounded to nearest even; around the
/// caches when `streamed` (slices.hpp). Serial.
void convert(BFloat16* to, const float* from, std::int64_t count, bool streamed = false);
void convert(float* to, const BFloat16* from, std::int64_t count, bool streamed = false);
void convert(Float16* to, const float* from, std::int64_t count, bool streamed = false);
void convert(float* to, const Float16* from, std::int64_t count, bool streamed = false);

/// The same in parallel.
template <class To, class From>
void convert_parallel(To* to, const From* from, std::int64_t count) {
  const bool streamed = is_streamed(to, from, count);
  parallel_ranges(count, 64, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    convert(to + begin, from + begin, end - begin, streamed);
  });
}

}  // namespace banach::cpu
