#pragma once

#include <banach/backend/backend.hpp>

namespace banach {
class LossScaleOp;
}

namespace banach::cuda {

inline constexpr std::size_t kLossScaleScratchBytes = sizeof(int);

/// Makes the kernel of a LossScaleOp, which takes all gradients of one type in as few launches as
/// their pointers fit into. The new scale and number of steps may lie on the old ones.
Kernel make_loss_scale(const LossScaleOp& op, const Views& in, const Views& out,
                       std::byte* scratch);

}  // namespace banach::cuda
