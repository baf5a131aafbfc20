#include <cli/errors.hpp>

#include <banach/core/errors.hpp>

#include <charconv>
#include <new>

#include <sysexits.h>

namespace banach::cli {
namespace {

template <class... Kinds>
bool is_any(const std::exception& error) {
  return (dynamic_cast<const Kinds*>(&error) || ...);
}

}  // namespace

int exit_code(const std::exception& error) {
  if (is_any<UsageError>(error)) return EX_USAGE;
  if (is_any<InvalidArgument, Corruption>(error)) return EX_DATAERR;
  if (is_any<NotFound>(error)) return EX_NOINPUT;
  if (is_any<NotSupported, DeviceError>(error)) return EX_UNAVAILABLE;
  if (is_any<IOError>(error)) return EX_IOERR;
  if (is_any<std::bad_alloc>(error)) return EX_OSERR;
  return EX_SOFTWARE;
}

std::string check_positive(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && value > 0 ? "" : "expected a number above 0, received '" + text + "'";
}

}  // namespace banach::cli
