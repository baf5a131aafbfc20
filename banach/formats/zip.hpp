#pragma once

#include <banach/formats/byte_source.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

struct zip;  // libzip

namespace banach::formats {

class AtomicFile;

struct ZipMember {
  std::string name;
  std::uint64_t size = 0;         ///< bytes when unpacked, as declared
  std::uint64_t stored_size = 0;  ///< bytes inside the archive
  bool is_stored = false;         ///< as they are, not deflated
  std::uint32_t crc = 0;
  std::uint64_t data = 0;  ///< where the bytes begin in the archive
};

/// The members of a ZIP archive in a file or in memory: stored or deflated, nothing encrypted.
/// Corruption or NotSupported, naming the archive, for one whose two directories disagree, whose
/// members overlap, repeat, are links, or carry names that are no UTF-8 or lead outside ("../x",
/// "/x"), or whose members declare more than deflate can give (1032 : 1) or more than `max_bytes`
/// together. Not for concurrent use.
class ZipReader {
 public:
  explicit ZipReader(ByteSource source, std::uint64_t max_bytes = kMaxBytes);
  ZipReader(Bytes bytes, std::string name, std::uint64_t max_bytes = kMaxBytes)
      : ZipReader(ByteSource(std::move(bytes), std::move(name)), max_bytes) {}

  const std::string& name() const { return source_.name(); }
  const std::vector<ZipMember>& members() const { return members_; }
  bool contains(const std::string& member) const;
  /// The member unpacked, its CRC checked. NotFound when there is none of that name.
  Bytes read(const std::string& member);
  /// The same, where it lies in the archive when it is stored: its CRC is checked by reading it
  /// once, a piece at a time. A deflated member is unpacked to memory.
  ByteSource open(const std::string& member);

 private:
  const ZipMember& find(const std::string& member) const;

  ByteSource source_;
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

/// A .zip file written member by member, all stored, with nothing held in memory; it appears under
/// its name with commit() (AtomicFile). Equal members give equal bytes. InvalidArgument as
/// write_zip.
class ZipWriter {
 public:
  explicit ZipWriter(const std::string& path);
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  void add(const std::string& member, ByteSpan bytes);
  /// A member of any size: `write` is called once, with what takes its bytes.
  void add(const std::string& member, const std::function<void(const ByteSink&)>& write);
  void commit();

 private:
  void write(ByteSpan bytes);

  std::unique_ptr<AtomicFile> file_;
  std::vector<ZipMember> members_;
  std::uint64_t size_ = 0;
};

}  // namespace banach::formats
