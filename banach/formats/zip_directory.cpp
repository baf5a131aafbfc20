#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/zip_directory.hpp>

#include <algorithm>
#include <fmt/format.h>

// Sections below are those of PKWARE's APPNOTE.TXT 6.3.
namespace banach::formats {
namespace {

constexpr std::uint64_t kEndRecord = 22, kLocator = 20, kLocalHeader = 30;
constexpr std::uint32_t kElsewhere = 0xffffffff;  // the value is in the zip64 field

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Corruption(fmt::format("[{}] {}", name, what));
}

struct Directory {
  std::uint64_t offset, size, end;  // the end: where the first end record stands
};

// 4.3.16: the last record whose comment ends where the file does.
std::uint64_t find_end_record(const ByteSource& source) {
  constexpr std::uint64_t kLongestComment = 65535;
  const std::string& name = source.name();
  const std::uint64_t size = std::min(source.size(), kEndRecord + kLongestComment);
  const Bytes tail = source.read(source.size() - size, size);
  const std::string_view text = as_text(tail);
  for (std::size_t at = text.rfind("PK\x05\x06"); at != text.npos;
       at = at == 0 ? text.npos : text.rfind("PK\x05\x06", at - 1)) {
    if (text.size() - at < kEndRecord) continue;
    FieldReader comment(ByteSpan(tail).subspan(at + kEndRecord - 2), name, "the end record");
    if (comment.u16() == comment.remaining()) return source.size() - size + at;
  }
  fail(name, "expected a ZIP archive, received a file without an end record");
}

// 4.3.14 and 4.3.15, which stand before the end record in large archives.
Directory read_zip64_directory(const ByteSource& source, std::uint64_t end) {
  constexpr std::uint64_t kRecord = 56;
  const std::string& name = source.name();
  if (end < kLocator) fail(name, "the zip64 locator is missing");
  const Bytes locator = source.read(end - kLocator, kLocator);
  FieldReader where(locator, name, "the zip64 locator");
  where.signature("PK\x06\x07");
  where.skip(4);
  const std::uint64_t at = where.u64();
  const Bytes record = source.read(at, kRecord);
  FieldReader fields(record, name, "the zip64 end record");
  fields.signature("PK\x06\x06");
  fields.skip(36);
  const std::uint64_t size = fields.u64();
  return {fields.u64(), size, at};
}

Directory find_directory(const ByteSource& source) {
  const std::uint64_t end = find_end_record(source);
  const Bytes record = source.read(end, kEndRecord);
  FieldReader fields(record, source.name(), "the end record");
  fields.skip(12);
  const std::uint32_t size = fields.u32(), offset = fields.u32();
  if (size == kElsewhere || offset == kElsewhere) return read_zip64_directory(source, end);
  return {offset, size, end};
}

// 4.5.3: each value is there only when its 32-bit field says so.
void read_zip64_field(ByteSpan extra, const std::string& name, bool has_size,
                      ZipDirectoryEntry& entry) {
  constexpr int kZip64 = 1;
  FieldReader fields(extra, name, "an extra field");
  while (fields.remaining() >= 4) {
    const int id = fields.u16();
    const ByteSpan value = fields.take(fields.u16());
    if (id != kZip64) continue;
    FieldReader numbers(value, name, "the zip64 field");
    if (has_size) numbers.skip(8);
    if (entry.stored_size == kElsewhere) entry.stored_size = numbers.u64();
    if (entry.header == kElsewhere) entry.header = numbers.u64();
    return;
  }
}

// 4.3.12
ZipDirectoryEntry read_entry(FieldReader& fields, const std::string& name) {
  ZipDirectoryEntry entry;
  fields.signature("PK\x01\x02");
  fields.skip(16);
  entry.stored_size = fields.u32();
  const std::uint32_t size = fields.u32();
  const std::size_t name_size = fields.u16(), extra_size = fields.u16(), comment = fields.u16();
  fields.skip(8);
  entry.header = fields.u32();
  entry.name = as_text(fields.take(name_size));
  read_zip64_field(fields.take(extra_size), name, size == kElsewhere, entry);
  fields.skip(comment);
  return entry;
}

// 4.3.7
void find_data(const ByteSource& source, ZipDirectoryEntry& entry) {
  const Bytes header = source.read(entry.header, kLocalHeader);
  FieldReader fields(header, source.name(), "a member's header");
  fields.signature("PK\x03\x04");
  fields.skip(22);
  const std::uint64_t name = fields.u16(), extra = fields.u16();
  entry.data = entry.header + kLocalHeader + name + extra;
  if (!source.holds(entry.data, entry.stored_size)) {
    fail(source.name(), fmt::format("a member's {} bytes at {} lie outside the archive of {}",
                                    entry.stored_size, entry.data, source.size()));
  }
}

// From the first byte to the end record an archive is members and their directory, so that no two
// readers find different archives in it. Members that overlap would unpack to more than the
// archive's size allows (Fifield 2019, "A better zip bomb").
void check_extents(const std::vector<ZipDirectoryEntry>& entries, const Directory& directory,
                   const std::string& name) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;
  for (const auto& entry : entries) {
    extents.emplace_back(entry.header, entry.data + entry.stored_size);
  }
  std::ranges::sort(extents);
  extents.emplace_back(directory.offset, directory.offset + directory.size);
  if (extents.front().first != 0) fail(name, "has other bytes before its first member");
  for (std::size_t i = 1; i < extents.size(); ++i) {
    if (extents[i].first < extents[i - 1].second) fail(name, "members overlap");
  }
  if (extents.back().second != directory.end) {
    fail(name, "has other bytes between its directory and its end");
  }
}

}  // namespace

std::vector<ZipDirectoryEntry> read_zip_directory(const ByteSource& source) {
  constexpr std::size_t kShortest = 46;
  const Directory directory = find_directory(source);
  const Bytes bytes = source.read(directory.offset, directory.size);
  FieldReader fields(bytes, source.name(), "the directory");
  std::vector<ZipDirectoryEntry> entries;
  while (fields.remaining() >= kShortest) {
    entries.push_back(read_entry(fields, source.name()));
    find_data(source, entries.back());
  }
  check_extents(entries, directory, source.name());
  return entries;
}

}  // namespace banach::formats
