#pragma once

#include <banach/core/array.hpp>

#include <string>

namespace banach::cli {

/// A picture (h, w) or (h, w, channels) in characters, a line for two rows, from ' ' to '@' by its
/// first channel, least to most.
std::string draw(const Array& picture);

}  // namespace banach::cli
