#pragma once

#include <banach/formats/file.hpp>

#include <memory>
#include <string>
#include <vector>

struct zip;  // libzip

namespace banach::formats {

struct ZipMember {
  std::string name;
  std::uint64_t size = 0;         ///< bytes when unpacked, as declared
  std::uint64_t stored_size = 0;  ///< bytes inside the archive
};

/// The members of a ZIP archive in memory: stored or deflated, nothing encrypted. Corruption or
/// NotSupported, naming the archive as `name`, for an archive whose two directories disagree, whose
/// members overlap, repeat or carry names that lead outside ("../x", "/x"), or whose members
/// declare more than deflate can give (1032 : 1) or more than `max_bytes` together.
/// Not for concurrent use.
class ZipReader {
 public:
  explicit ZipReader(Bytes bytes, std::string name, std::uint64_t max_bytes = kMaxBytes);

  const std::string& name() const { return name_; }
  const std::vector<ZipMember>& members() const { return members_; }
  bool contains(const std::string& member) const;
  /// The member unpacked, its CRC checked. NotFound when there is none of that name.
  Bytes read(const std::string& member);

 private:
  Bytes bytes_;
  std::string name_;
  std::unique_ptr<zip, void (*)(zip*)> archive_;
  std::vector<ZipMember> members_;
};

struct ZipEntry {
  std::string name;
  Bytes bytes;
  bool deflate = true;  ///< else stored as it is
};

/// An archive with the entries in the order given; equal entries give equal bytes. InvalidArgument
/// for a name that is empty, repeats or leads outside.
Bytes write_zip(const std::vector<ZipEntry>& entries);

}  // namespace banach::formats
