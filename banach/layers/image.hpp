#pragma once

#include <banach/ops/window.hpp>

#include <string>

namespace banach::layers {

/// InvalidArgument unless `shape` is (batch, height, width, channels) with known channels; the
/// text says how to add a missing channel axis. Height and width are at most kLargestImage.
void check_image(const std::string& layer, const Shape& shape);
/// InvalidArgument unless both numbers are at least 1, and at most kLargestWindow.
void check_positive(const std::string& layer, const std::string& option, const Size2& value);
/// InvalidArgument unless both numbers are at most kLargestWindow.
void check_largest(const std::string& layer, const std::string& option, const Size2& value);
/// InvalidArgument unless `padding` is "valid" or "same".
void check_padding(const std::string& layer, const std::string& padding);

}  // namespace banach::layers
