#include <banach/core/errors.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/utf8.hpp>

#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace banach::formats {
namespace {

class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}

  std::string run(const Json& value) {
    write(value);
    return std::move(text_);
  }

 private:
  void write(const Json& value) {
    if (value.is_null()) {
      text_ += "null";
    } else if (value.is_bool()) {
      text_ += value.as_bool() ? "true" : "false";
    } else if (value.is_int()) {
      text_ += std::to_string(value.as_int());
    } else if (value.is_number()) {
      write_double(value.as_double());
    } else if (value.is_string()) {
      write_string(value.as_string());
    } else if (value.is_list()) {
      write_items(value.as_list(), '[', ']', [this](const Json& item) { write(item); });
    } else {
      write_items(value.as_dict(), '{', '}', [this](const Json::Member& member) {
        write_string(member.first);
        text_ += ": ";
        write(member.second);
      });
    }
  }

  template <class Items, class F>
  void write_items(const Items& items, char open, char close, F write_item) {
    text_ += open;
    ++depth_;
    bool first = true;
    for (const auto& item : items) {
      if (!first) text_ += indent_ < 0 ? ", " : ",";
      first = false;
      new_line();
      write_item(item);
    }
    --depth_;
    if (!first) new_line();
    text_ += close;
  }

  void new_line() {
    if (indent_ < 0) return;
    text_ += '\n';
    text_.append(static_cast<std::size_t>(indent_) * depth_, ' ');
  }

  void write_double(double value) {
    if (!std::isfinite(value)) {
      throw InvalidArgument(fmt::format("[format_json] JSON has no {}", value));
    }
    const std::string digits = fmt::format("{}", value);
    text_ += digits;
    if (digits.find_first_of(".e") == std::string::npos) text_ += ".0";
  }

  void write_string(std::string_view string) {
    text_ += '"';
    for (std::size_t at = 0; at < string.size();) {
      const auto code = next_code_point(string, at);
      if (!code)
        throw InvalidArgument("[format_json] expected text in UTF-8, received other bytes");
      write_character(*code);
    }
    text_ += '"';
  }

  void write_character(char32_t code) {
    constexpr std::string_view kPlain = "\"\\\b\f\n\r\t", kEscapes = "\"\\bfnrt";
    const auto special = code < 0x80 ? kPlain.find(static_cast<char>(code)) : std::string::npos;
    if (special != std::string::npos) {
      text_ += '\\';
      text_ += kEscapes[special];
    } else if (code >= ' ' && code <= '~') {
      text_ += static_cast<char>(code);
    } else if (code < 0x10000) {
      write_escape(code);
    } else {  // a surrogate pair
      write_escape(0xD800 + ((code - 0x10000) >> 10));
      write_escape(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
  }

  void write_escape(char32_t code) {
    fmt::format_to(std::back_inserter(text_), "\\u{:04x}", static_cast<unsigned>(code));
  }

  int indent_;
  std::size_t depth_ = 0;
  std::string text_;
};

}  // namespace

std::string format_json(const Json& value, int indent) { return Writer(indent).run(value); }

}  // namespace banach::formats
