#include <banach/train/progress_text.hpp>

#include <fmt/format.h>

#include <cmath>

namespace banach::detail {
namespace {

constexpr int kKeras3Width = 20;
constexpr int kTf2Width = 30;

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

std::string coloured(const std::string& text, int code, bool codes) {
  return codes ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

}  // namespace

std::string count_text(std::int64_t current, std::int64_t target) {
  return fmt::format("{:{}}/{}", current, fmt::formatted_size("{}", target), target);
}

std::string duration_text(double seconds, std::string_view unit) {
  if (seconds >= 1 || seconds == 0) return fmt::format(" {:.0f}s/{}", seconds, unit);
  if (seconds >= 1e-3) return fmt::format(" {:.0f}ms/{}", seconds * 1e3, unit);
  return fmt::format(" {:.0f}us/{}", seconds * 1e6, unit);
}

std::string eta_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  if (seconds > 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60);
  }
  if (seconds > 60) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}s", whole);
}

std::string metric_text(std::string_view name, double value, double size) {
  if (std::isnan(value)) return fmt::format(" - {}: nan", name);  // fmt would print a NaN's sign
  if (size > 1e-3) return fmt::format(" - {}: {:.4f}", name, value);
  return fmt::format(" - {}: {:.4e}", name, value);
}

std::string keras3_cells(double progress, bool ascii, bool codes) {
  const std::string_view cell = ascii ? "=" : "━";
  const int done = static_cast<int>(kKeras3Width * progress);
  std::string text = " ";
  if (done > 0) text += coloured(repeated(cell, done), 32, codes);
  return text + coloured(repeated(cell, kKeras3Width - done), 37, codes);
}

std::string tf2_cells(double progress) {
  const int done = static_cast<int>(kTf2Width * progress);
  std::string text = " [" + repeated("=", done - 1);
  if (done > 0) text += progress < 1 ? '>' : '=';
  return text + repeated(".", kTf2Width - done) + ']';
}

int visible_width(std::string_view text) {
  int width = 0;
  bool in_code = false;
  for (const char c : text) {
    in_code = in_code || c == '\x1b';
    if (!in_code && (c & 0xC0) != 0x80) ++width;
    if (c == 'm') in_code = false;
  }
  return width;
}

}  // namespace banach::detail
