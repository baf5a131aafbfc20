#pragma once

#include <banach/backend/backend.hpp>

namespace banach::cuda {

/// Makes the kernel of an UpdateOp of one rule. It reads the scalars of the step on the device, and
/// takes all weights in as few launches as their pointers fit into.
using MakeUpdate = Kernel (*)(const Op& op, const Views& in, const Views& out);

/// By the name of a rule in rules::All; for float and double.
template <class T>
MakeUpdate find_update(std::string_view rule);

}  // namespace banach::cuda
