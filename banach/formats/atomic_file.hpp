#pragma once

#include <banach/formats/file.hpp>
#include <banach/formats/posix.hpp>

#include <string>

namespace banach::formats {

/// A file that appears under its name when it is complete: bytes go to `.<name>.tmp.<pid>.<n>` in
/// the same folder, commit() flushes them to the disk and renames. Without commit() nothing is
/// left. A symbolic link is followed and the old file's permissions are kept. Everything throws
/// IOError.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(ByteSpan bytes);
  /// Replaces bytes that were written before.
  void overwrite(std::uint64_t offset, ByteSpan bytes);
  void commit();

 private:
  void open_temporary();

  std::string path_;  // the final name, links resolved
  std::string folder_;
  std::string temporary_;  // empty when there is nothing to remove
  Descriptor file_{-1};
};

}  // namespace banach::formats
