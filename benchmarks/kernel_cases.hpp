#pragma once

#include <banach/runtime/profile.hpp>

namespace banach::bench {

/// Times each kernel of the cpu backend that decides how fast networks are, on values of the sizes
/// that networks have, beside what memory and arithmetic allow.
Profile profile_kernels();

}  // namespace banach::bench
