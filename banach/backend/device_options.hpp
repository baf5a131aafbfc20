#pragma once

#include <banach/backend/gpu_module.hpp>

namespace banach {

/// What was configured for a GPU; from this call on it cannot be changed.
GpuOptions settle_gpu_options(int ordinal);

}  // namespace banach
