#pragma once

#include <banach/backend/backend.hpp>
#include <banach/backend/cuda/walk.hpp>

namespace banach::cuda {

/// y = x, where `walk` fills y from x, whose elements have 1, 2, 4 or 8 bytes.
Status gather(void* y, const void* x, const Walk<1>& walk, std::size_t element_bytes);
/// y = x, (bytes,).
Status copy_bytes(void* y, const void* x, std::int64_t bytes);

}  // namespace banach::cuda
