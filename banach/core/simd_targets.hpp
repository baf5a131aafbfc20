// Which instruction sets the SIMD kernels are built for, and which of them are used. Include before
// Highway's own headers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Highway's, less one that hardly any machine has as its best.
#define HWY_DISABLED_TARGETS HWY_SSSE3
// Its headers in a namespace of ours: simd_targets.cpp has what they need of libhwy.so, which takes
// every process milliseconds, since it measures the timer while it is loaded. And nothing can clash
// with the Highway of the program.
#define hwy banach_hwy

namespace banach {

/// Those of this machine that the kernels are built for, the best first: HWY_AVX3, HWY_AVX2, ...
std::vector<std::int64_t> simd_targets();
/// "avx2": the one that kernels run with.
std::string simd_target_name();
/// For tests: kernels run with that one, with 0 the best again.
void use_simd_target(std::int64_t target);

}  // namespace banach
