#pragma once

#include <banach/formats/file.hpp>
#include <banach/formats/posix.hpp>

#include <string>

namespace banach::formats {

/// A regular file that grows piece by piece: when write() returns, its bytes are in the file, and
/// when it throws, none of them are. Everything throws IOError.
class AppendFile {
 public:
  /// Makes the file, or opens the one that is there: emptied, unless it shall `keep` its content.
  AppendFile(const std::string& path, bool keep);

  bool empty() const { return size_ == 0; }
  void write(ByteSpan bytes);

 private:
  std::string path_;
  Descriptor file_;
  std::uint64_t size_;
};

}  // namespace banach::formats
