#include <banach/core/errors.hpp>
#include <banach/formats/atomic_file.hpp>
#include <banach/formats/file.hpp>
#include <banach/formats/posix.hpp>

#include <algorithm>
#include <fmt/format.h>

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

[[noreturn]] void throw_too_large(const std::string& path, std::uint64_t max_bytes) {
  throw IOError(
      fmt::format("[{}] '{}' holds more than the {} bytes allowed", kWhere, path, max_bytes));
}

}  // namespace

Bytes read_file(const std::string& path, std::uint64_t max_bytes) {
  const Descriptor file = open_to_read(path);
  const std::uint64_t expected = size_of_regular(file, path);
  if (expected > max_bytes) throw_too_large(path, max_bytes);

  // One byte more than expected, so that the end shows without another growth; the file may also
  // shrink or grow while it is read.
  Bytes bytes(expected + 1);
  std::size_t filled = 0;
  for (;;) {
    if (filled == bytes.size()) bytes.resize(2 * filled);
    const auto count =
        retry([&] { return ::read(file.get(), bytes.data() + filled, bytes.size() - filled); });
    if (count < 0) throw_system_error(kWhere, "read", path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
    if (filled > max_bytes) throw_too_large(path, max_bytes);
  }
  bytes.resize(filled);
  return bytes;
}

void write_file_atomic(const std::string& path, ByteSpan bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace banach::formats
