#pragma once

#include <banach/formats/file.hpp>

#include <memory>
#include <string>

namespace banach::formats {

class Descriptor;

/// Bytes that are read where they lie, in a file or in memory, piece by piece. Copies share the
/// open file; reading is safe from several threads.
class ByteSource {
 public:
  /// A regular file, opened now; errors as read_file's.
  explicit ByteSource(const std::string& path);
  /// Bytes in memory, which errors call `name`.
  ByteSource(Bytes bytes, std::string name);
  /// `size` bytes from `offset` on, which errors call `name`; InvalidArgument when outside.
  ByteSource range(std::uint64_t offset, std::uint64_t size, std::string name) const;

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }

  /// True when [offset, offset + size) is inside, without wrapping.
  bool holds(std::uint64_t offset, std::uint64_t size) const {
    return offset <= size_ && size <= size_ - offset;
  }
  /// Fills `to` with the bytes from `offset` on. Corruption when they are not all inside; IOError
  /// when the system refuses or the file has shrunk.
  void read(std::uint64_t offset, std::span<std::byte> to) const;
  Bytes read(std::uint64_t offset, std::uint64_t size) const;

 private:
  void check(std::uint64_t offset, std::uint64_t size) const;

  std::string name_;
  std::shared_ptr<const Descriptor> file_;  // null when in memory
  std::shared_ptr<const Bytes> memory_;
  std::uint64_t offset_ = 0, size_ = 0;
};

}  // namespace banach::formats
