// Which instruction sets the SIMD kernels are built for: Highway's, less one that hardly any
// machine has as its best. Include before Highway's own headers.
#pragma once

#define HWY_DISABLED_TARGETS HWY_SSSE3
