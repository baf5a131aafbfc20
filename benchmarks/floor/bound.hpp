#pragma once

#include <cstdint>

namespace banach::bench {

// What this machine can do, found out by plain loops and remembered.

/// Multiplications and additions a second on so many threads, float32 and in products of bfloat16.
double peak_flops(int threads);
double peak_bfloat16_flops(int threads);

/// Seconds in which all threads move so many bytes, of an a += b where a and b are as many bytes.
/// What fits a cache stays there.
double seconds_to_move(double bytes);

}  // namespace banach::bench
