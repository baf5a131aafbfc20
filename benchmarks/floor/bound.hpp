#pragma once

#include <cstdint>

namespace banach::bench {

// What this machine can do, found out by plain loops.

/// Multiplications and additions a second on so many threads, float32 and in products of bfloat16
/// by the best instructions there are.
double peak_flops(int threads);
double peak_bfloat16_flops(int threads);

/// Seconds in which all threads move so many bytes, of an a += b where a and b are as many bytes:
/// what fits a cache stays there. Measured at each call; the best of all counts.
double seconds_to_move(double bytes);

}  // namespace banach::bench
