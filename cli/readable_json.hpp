#pragma once

#include <banach/core/json.hpp>

#include <string>

namespace banach::cli {

/// JSON for people: what fits into a line of 100 characters stands in one, everything else has a
/// line for each member. The value of a line's text is formats::format_json's; ends with a newline.
std::string readable_json(const Json& value);

/// The value with every string as UTF-8 and every number finite, so that JSON can say it: other
/// bytes become "\xE4", NaN and infinities "NaN", "Infinity" and "-Infinity".
Json printable(const Json& value);

}  // namespace banach::cli
