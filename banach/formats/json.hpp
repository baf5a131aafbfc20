#pragma once

#include <banach/core/json.hpp>
#include <banach/formats/file.hpp>

#include <string>
#include <string_view>

namespace banach::formats {

/// The value of a JSON text in UTF-8 (RFC 8259). Corruption, with `where`, the byte and the reason,
/// for anything else, and for what configs never are: more than 64 MiB, 64 levels or 2^22 values; a
/// key twice in a dict; a byte-order mark; numbers beyond a double. Python's NaN and Infinity are
/// no JSON and refused too. Integers beyond int64 become doubles.
Json parse_json(std::string_view text, const std::string& where);

/// The text that Python's json.dumps(value, indent=indent) gives: ", " and ": " between, ASCII with
/// escapes, the shortest digits that read back the same double; -1 is one line (indent=None).
/// InvalidArgument for NaN, infinity or a string that is not UTF-8.
std::string format_json(const Json& value, int indent = -1);

}  // namespace banach::formats
