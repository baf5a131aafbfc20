#include <cli/readable_json.hpp>

#include <banach/formats/json.hpp>
#include <banach/formats/utf8.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach::cli {
namespace {

constexpr std::size_t kLineLength = 100, kIndent = 2;

void write(const Json& value, std::size_t depth, std::size_t before, std::string& text);

// Each item in a line of its own; `prefix` gives what stands before it.
template <class Items, class Prefix, class Value>
void write_lines(const Items& items, const char* brackets, std::size_t depth, std::string& text,
                 Prefix prefix, Value value) {
  text += brackets[0];
  const char* separator = "\n";
  for (const auto& item : items) {
    text += separator + std::string(kIndent * (depth + 1), ' ') + prefix(item);
    write(value(item), depth + 1, kIndent * (depth + 1) + prefix(item).size(), text);
    separator = ",\n";
  }
  text += "\n" + std::string(kIndent * depth, ' ') + brackets[1];
}

// `before` characters stand in the line already.
void write(const Json& value, std::size_t depth, std::size_t before, std::string& text) {
  const std::string line = formats::format_json(value);
  const bool is_empty = line == "[]" || line == "{}";
  if (is_empty || !(value.is_list() || value.is_dict()) || before + line.size() < kLineLength) {
    text += line;
  } else if (value.is_list()) {
    write_lines(
        value.as_list(), "[]", depth, text, [](const Json&) { return std::string(); },
        [](const Json& item) -> const Json& { return item; });
  } else {
    write_lines(
        value.as_dict(), "{}", depth, text,
        [](const Json::Member& member) { return formats::format_json(member.first) + ": "; },
        [](const Json::Member& member) -> const Json& { return member.second; });
  }
}

std::string printable_text(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (formats::next_code_point(text, at)) {
      result += text.substr(begin, at - begin);
    } else {
      result += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[begin]));
      at = begin + 1;
    }
  }
  return result;
}

Json printable_number(const Json& value) {
  const double number = value.as_double();
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return value;
}

}  // namespace

std::string readable_json(const Json& value) {
  std::string text;
  write(value, 0, 0, text);
  return text + "\n";
}

Json printable(const Json& value) {
  if (value.is_string()) return printable_text(value.as_string());
  if (value.is_number()) return printable_number(value);
  if (value.is_list()) {
    Json::List list;
    for (const Json& item : value.as_list()) list.push_back(printable(item));
    return list;
  }
  if (!value.is_dict()) return value;
  Json::Dict dict;
  for (const auto& [key, item] : value.as_dict()) {
    dict.emplace_back(printable_text(key), printable(item));
  }
  return dict;
}

}  // namespace banach::cli
