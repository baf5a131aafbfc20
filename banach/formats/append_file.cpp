#include <banach/core/errors.hpp>
#include <banach/formats/append_file.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace banach::formats {
namespace {

constexpr std::string_view kWhere = "append_file";

// Without O_NONBLOCK, opening a FIFO would wait for a reader.
Descriptor open_to_append(const std::string& path) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC;
  Descriptor file(retry([&] { return ::open(path.c_str(), flags, 0666); }));
  if (file.get() < 0) throw_system_error(kWhere, "write", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_system_error(kWhere, "inspect", path, errno);
  if (!S_ISREG(status.st_mode)) {
    throw IOError(
        fmt::format("[{}] expected a regular file or a new name, received the device or "
                    "pipe '{}'",
                    kWhere, path));
  }
  return file;
}

void shorten(const Descriptor& file, const std::string& path, std::uint64_t size) {
  if (retry([&] { return ::ftruncate(file.get(), static_cast<off_t>(size)); }) != 0) {
    throw_system_error(kWhere, "shorten", path, errno);
  }
}

}  // namespace

AppendFile::AppendFile(const std::string& path, bool keep)
    : path_(path), file_(open_to_append(path)), size_(0) {
  if (!keep) shorten(file_, path_, 0);
  size_ = static_cast<std::uint64_t>(::lseek(file_.get(), 0, SEEK_END));
}

void AppendFile::write(ByteSpan bytes) {
  const std::uint64_t size = size_ + bytes.size();
  while (!bytes.empty()) {
    const auto count = retry([&] { return ::write(file_.get(), bytes.data(), bytes.size()); });
    if (count < 0) {
      const int error = errno;
      shorten(file_, path_, size_);
      throw_system_error(kWhere, "write", path_, error);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  size_ = size;
}

}  // namespace banach::formats
