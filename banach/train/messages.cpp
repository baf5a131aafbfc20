#include <banach/train/messages.hpp>

#include <cmath>
#include <cstdio>
#include <fmt/format.h>

namespace banach {

void print_message(std::string_view message) {
  std::fwrite(message.data(), 1, message.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

std::string python_repr(double value) {
  if (std::isnan(value)) return "nan";
  const std::string digits = fmt::format("{}", value);
  return digits.find_first_of(".ein") == std::string::npos ? digits + ".0" : digits;
}

}  // namespace banach
