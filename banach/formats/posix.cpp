#include <banach/core/errors.hpp>
#include <banach/formats/posix.hpp>

#include <fmt/format.h>
#include <system_error>

#include <unistd.h>

namespace banach::formats {

void throw_system_error(std::string_view where, std::string_view action, const std::string& path,
                        int error) {
  throw IOError(fmt::format("[{}] cannot {} '{}': {}", where, action, path,
                            std::generic_category().message(error)));
}

int Descriptor::close() {
  if (value_ < 0) return 0;
  // On Linux the descriptor is gone after EINTR too: never close twice.
  const bool failed = ::close(std::exchange(value_, -1)) != 0;
  return failed && errno != EINTR ? errno : 0;
}

}  // namespace banach::formats
