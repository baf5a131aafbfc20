#pragma once

#include <functional>
#include <string_view>

namespace banach::config {

/// Receives every warning; the default writes "banach: warning: ..." to stderr.
using WarningHandler = std::function<void(std::string_view message)>;

/// Replaces the handler and returns the one before it; an empty handler silences warnings. Another
/// thread may still be in the old one when this returns.
WarningHandler set_warning_handler(WarningHandler handler);

}  // namespace banach::config

namespace banach {

void warn(std::string_view message);

}  // namespace banach
