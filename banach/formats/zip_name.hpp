#pragma once

#include <string_view>

namespace banach::formats {

/// True for a relative path of plain components in UTF-8: "model/dense.npy", but not "../x", "/x"
/// or "a\\b".
bool is_safe_member_name(std::string_view name);

}  // namespace banach::formats
