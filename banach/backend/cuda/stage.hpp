#pragma once

#include <banach/backend/cuda/stream.hpp>

namespace banach::cuda {

/// Two sets of pinned host memory, so that the next batch is filled while the GPU takes this one.
std::unique_ptr<InputStage> make_double_stage(const Views& inputs, Stream stream);

}  // namespace banach::cuda
