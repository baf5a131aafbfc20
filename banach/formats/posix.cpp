#include <banach/core/errors.hpp>
#include <banach/formats/posix.hpp>

#include <fmt/format.h>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace banach::formats {
namespace {

constexpr std::string_view kWhere = "read_file";

// Without O_NONBLOCK, opening a FIFO would wait for a writer.
Descriptor open_to_read(const std::string& path) {
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Descriptor file(retry([&] { return ::open(path.c_str(), flags); }));
  if (file.get() >= 0) return file;
  if (errno == ENOENT || errno == ENOTDIR) {
    throw NotFound(fmt::format("[{}] '{}' does not exist", kWhere, path));
  }
  throw_system_error(kWhere, "open", path, errno);
}

std::uint64_t size_of_regular(const Descriptor& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_system_error(kWhere, "inspect", path, errno);
  if (!S_ISREG(status.st_mode)) {
    throw IOError(fmt::format("[{}] expected a regular file, received {} '{}'", kWhere,
                              S_ISDIR(status.st_mode) ? "the folder" : "the pipe or device", path));
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

RegularFile open_regular_file(const std::string& path) {
  Descriptor file = open_to_read(path);
  const std::uint64_t size = size_of_regular(file, path);
  return {std::move(file), size};
}

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
