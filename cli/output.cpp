#include <cli/output.hpp>

#include <banach/core/errors.hpp>
#include <banach/formats/json.hpp>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>

#include <unistd.h>

namespace banach::cli {
namespace {

[[noreturn]] void fail() {
  throw IOError(fmt::format("standard output: {}", std::strerror(errno)));
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) fail();
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Output::Output(bool json) {
  if (!json) return;
  std::fflush(stdout);
  stdout_ = ::dup(STDOUT_FILENO);
  if (stdout_ < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) fail();
}

Output::~Output() {
  if (stdout_ < 0) return;
  std::fflush(stdout);
  ::dup2(stdout_, STDOUT_FILENO);
  ::close(stdout_);
}

void Output::print(const Json& result) const {
  write_all(stdout_ >= 0 ? stdout_ : STDOUT_FILENO, formats::format_json(result) + "\n");
}

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    fail();
  }
}

void note(std::string_view text) {
  std::fprintf(stderr, "banach: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace banach::cli
