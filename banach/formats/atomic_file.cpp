#include <banach/core/errors.hpp>
#include <banach/formats/atomic_file.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace banach::formats {
namespace {

constexpr std::string_view kWhere = "write_file";

// The file to replace. Renaming over a device, a pipe or a read-only file would succeed where
// writing to it would not, so these are refused.
std::string resolve(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return path;
    throw_system_error(kWhere, "write", path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    throw IOError(fmt::format("[{}] expected a regular file or a new name, received {} '{}'",
                              kWhere, S_ISDIR(status.st_mode) ? "the folder" : "the device or pipe",
                              path));
  }
  if (::access(path.c_str(), W_OK) != 0) throw_system_error(kWhere, "write", path, errno);
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (real == nullptr) throw_system_error(kWhere, "resolve", path, errno);
  return real.get();
}

// Keeps a replaced file's permissions.
void copy_permissions(const std::string& from, const Descriptor& to) {
  struct stat status {};
  if (::stat(from.c_str(), &status) == 0) ::fchmod(to.get(), status.st_mode & 07777);
}

void sync_folder(const std::string& folder) {
  const Descriptor handle(
      retry([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (handle.get() < 0) throw_system_error(kWhere, "open the folder", folder, errno);
  // Some file systems cannot sync a folder and say EINVAL.
  if (retry([&] { return ::fsync(handle.get()); }) != 0 && errno != EINVAL) {
    throw_system_error(kWhere, "flush the folder", folder, errno);
  }
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(resolve(path)) {
  const std::size_t slash = path_.rfind('/');
  folder_ = slash == std::string::npos ? "./" : path_.substr(0, slash + 1);
  open_temporary();
  copy_permissions(path_, file_);
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::open_temporary() {
  static std::atomic<unsigned> counter = 0;
  constexpr std::size_t kLongestName = 200;  // leaves room for the decoration in 255 bytes
  const std::string name = path_.substr(path_.rfind('/') + 1).substr(0, kLongestName);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  do {  // a crashed process with our number may have left one
    temporary_ = fmt::format("{}.{}.tmp.{}.{}", folder_, name, ::getpid(), counter++);
    file_ = Descriptor(retry([&] { return ::open(temporary_.c_str(), flags, 0666); }));
  } while (file_.get() < 0 && errno == EEXIST);
  if (file_.get() >= 0) return;
  const int error = errno;
  temporary_.clear();
  throw_system_error(kWhere, "create", path_, error);
}

void AtomicFile::write(ByteSpan bytes) {
  while (!bytes.empty()) {
    const auto count = retry([&] { return ::write(file_.get(), bytes.data(), bytes.size()); });
    if (count < 0) throw_system_error(kWhere, "write", path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AtomicFile::overwrite(std::uint64_t offset, ByteSpan bytes) {
  while (!bytes.empty()) {
    const auto count = retry([&] {
      return ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (count < 0) throw_system_error(kWhere, "write", path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void AtomicFile::commit() {
  if (retry([&] { return ::fsync(file_.get()); }) != 0) {
    throw_system_error(kWhere, "flush", path_, errno);
  }
  if (const int error = file_.close(); error != 0) {
    throw_system_error(kWhere, "close", path_, error);
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    throw_system_error(kWhere, "rename the new file to", path_, errno);
  }
  temporary_.clear();
  sync_folder(folder_);
}

}  // namespace banach::formats
