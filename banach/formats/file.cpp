#include <banach/core/errors.hpp>
#include <banach/formats/atomic_file.hpp>
#include <banach/formats/file.hpp>
#include <banach/formats/posix.hpp>

#include <algorithm>
#include <fmt/format.h>

#include <unistd.h>

namespace banach::formats {
namespace {

constexpr std::string_view kWhere = "read_file";

[[noreturn]] void throw_too_large(const std::string& path, std::uint64_t max_bytes) {
  throw IOError(
      fmt::format("[{}] '{}' holds more than the {} bytes allowed", kWhere, path, max_bytes));
}

}  // namespace

Bytes read_file(const std::string& path, std::uint64_t max_bytes) {
  const RegularFile opened = open_regular_file(path);
  const Descriptor& file = opened.descriptor;
  if (opened.size > max_bytes) throw_too_large(path, max_bytes);

  // One byte more than expected, so that the end shows without another growth; the file may also
  // shrink or grow while it is read.
  Bytes bytes(opened.size + 1);
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
