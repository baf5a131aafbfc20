#pragma once

#include <banach/backend/cuda/stream.hpp>

#include <span>

namespace banach::cuda {

/// Captures what the kernels put into a stream as a CUDA graph, in which each comes after those
/// that its memory depends on; the result launches it into `stream`. DeviceError when a kernel
/// cannot be captured.
Kernel capture_graph(std::span<const Kernel> kernels, std::span<const Access> accesses,
                     Stream stream);

}  // namespace banach::cuda
