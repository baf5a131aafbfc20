#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace banach::formats {

/// The code point that begins at `text[at]`, which then moves behind it; nullopt when the bytes are
/// no UTF-8 (RFC 3629: no surrogates, nothing longer than needed).
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at);

bool is_utf8(std::string_view text);

}  // namespace banach::formats
