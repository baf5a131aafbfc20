#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

/// The few POSIX habits that reading and writing share.
namespace banach::formats {

/// Calls `f` until a signal no longer interrupts it.
template <class F>
auto retry(F f) {
  for (;;) {
    const auto result = f();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// Throws IOError "[where] cannot open 'path': Permission denied".
[[noreturn]] void throw_system_error(std::string_view where, std::string_view action,
                                     const std::string& path, int error);

/// A file descriptor that closes itself; negative when there is none.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return value_; }
  int close();  ///< 0, or errno

 private:
  int value_;
};

struct RegularFile {
  Descriptor descriptor;
  std::uint64_t size;
};

/// A regular file opened to be read. NotFound when there is none; IOError for a folder, a pipe or a
/// device, at once, without waiting for a writer.
RegularFile open_regular_file(const std::string& path);

}  // namespace banach::formats
