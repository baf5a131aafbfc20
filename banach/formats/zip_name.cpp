#include <banach/formats/utf8.hpp>
#include <banach/formats/zip_name.hpp>

#include <algorithm>

namespace banach::formats {

bool is_safe_member_name(std::string_view name) {
  const auto is_unsafe = [](char c) { return c == '\\' || (c >= 0 && c < ' ') || c == 0x7f; };
  if (name.empty() || name.front() == '/' || !is_utf8(name)) return false;
  if (std::ranges::any_of(name, is_unsafe)) return false;
  while (!name.empty()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    if (name.substr(0, slash) == "..") return false;
    name.remove_prefix(std::min(slash + 1, name.size()));
  }
  return true;
}

}  // namespace banach::formats
