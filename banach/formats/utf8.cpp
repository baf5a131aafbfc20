#include <banach/formats/utf8.hpp>

namespace banach::formats {

std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned first = byte(at++);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  char32_t code = first & (0x3F >> more);
  bool valid = first >= 0xC0 && first < 0xF8;
  for (int i = 0; i < more; ++i) {
    const unsigned next = byte(at++);
    valid &= (next & 0xC0) == 0x80;
    code = code << 6 | (next & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  valid &= code >= kSmallest[more] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  if (!valid) return std::nullopt;
  return code;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!next_code_point(text, at)) return false;
  }
  return true;
}

}  // namespace banach::formats
