// Which instruction sets the kernels are built for. Include before Highway's own headers.
#pragma once

#include <banach/core/simd_targets.hpp>
