#include <banach/core/errors.hpp>
#include <banach/formats/atomic_file.hpp>
#include <banach/formats/field_writer.hpp>
#include <banach/formats/zip.hpp>
#include <banach/formats/zip_crc.hpp>
#include <banach/formats/zip_name.hpp>

#include <algorithm>
#include <fmt/format.h>

// Sections below are those of PKWARE's APPNOTE.TXT 6.3.
namespace banach::formats {
namespace {

constexpr std::uint32_t kElsewhere = 0xffffffff;  // the value is in the zip64 field
constexpr std::uint64_t kZip64 = 1, kVersion = 45, kUtf8 = 0x800, kStored = 0;
constexpr std::uint64_t kFirstDosDate = (1 << 5) | 1;  // 1980-01-01, so that saving repeats

void put_common(FieldWriter& fields, std::uint32_t crc) {
  fields.u16(kVersion);
  fields.u16(kUtf8);
  fields.u16(kStored);
  fields.u16(0);
  fields.u16(kFirstDosDate);
  fields.u32(crc);
}

// 4.3.7. The sizes are always in the zip64 field, so that a member may grow as it is written.
Bytes local_header(const ZipMember& member) {
  FieldWriter fields;
  fields.text("PK\x03\x04");
  put_common(fields, member.crc);
  fields.u32(kElsewhere);
  fields.u32(kElsewhere);
  fields.u16(member.name.size());
  fields.u16(20);
  fields.text(member.name);
  fields.u16(kZip64);
  fields.u16(16);
  fields.u64(member.size);
  fields.u64(member.size);
  return fields.bytes();
}

// 4.3.12. Values that need it are in the zip64 field.
void put_entry(FieldWriter& fields, const ZipMember& member) {
  const std::uint64_t header = member.data - local_header(member).size();
  const bool large = member.size >= kElsewhere, far = header >= kElsewhere;
  FieldWriter zip64;
  for (int i = 0; large && i < 2; ++i) zip64.u64(member.size);
  if (far) zip64.u64(header);
  fields.text("PK\x01\x02");
  fields.u16(kVersion);
  put_common(fields, member.crc);
  fields.u32(std::min<std::uint64_t>(member.size, kElsewhere));
  fields.u32(std::min<std::uint64_t>(member.size, kElsewhere));
  fields.u16(member.name.size());
  fields.u16(zip64.size() > 0 ? 4 + zip64.size() : 0);
  fields.zeros(10);  // no comment, disk, attributes
  fields.u32(std::min<std::uint64_t>(header, kElsewhere));
  fields.text(member.name);
  if (zip64.size() == 0) return;
  fields.u16(kZip64);
  fields.u16(zip64.size());
  fields.put(zip64.bytes());
}

// 4.3.14 and 4.3.15
void put_zip64_end(FieldWriter& fields, std::uint64_t count, std::uint64_t offset,
                   std::uint64_t size) {
  fields.text("PK\x06\x06");
  fields.u64(44);  // bytes that follow
  fields.u16(kVersion);
  fields.u16(kVersion);
  fields.zeros(8);
  fields.u64(count);
  fields.u64(count);
  fields.u64(size);
  fields.u64(offset);
  fields.text("PK\x06\x07");
  fields.u32(0);
  fields.u64(offset + size);
  fields.u32(1);
}

}  // namespace

ZipWriter::ZipWriter(const std::string& path) : file_(std::make_unique<AtomicFile>(path)) {}
ZipWriter::~ZipWriter() = default;

void ZipWriter::write(ByteSpan bytes) {
  file_->write(bytes);
  size_ += bytes.size();
}

void ZipWriter::add(const std::string& member, ByteSpan bytes) {
  add(member, [&](const ByteSink& sink) { sink(bytes); });
}

void ZipWriter::add(const std::string& member, const std::function<void(const ByteSink&)>& write) {
  constexpr std::size_t kMaxMembers = 65'534, kLongestName = 65'535;
  const bool is_new = std::ranges::find(members_, member, &ZipMember::name) == members_.end();
  if (!is_safe_member_name(member) || !is_new || member.size() > kLongestName) {
    throw InvalidArgument(fmt::format(
        "[ZipWriter] expected a plain relative path that is not there yet, received '{}'", member));
  }
  if (members_.size() == kMaxMembers) {
    throw InvalidArgument(fmt::format("[ZipWriter] more than {} members", kMaxMembers));
  }
  ZipMember added{.name = member, .is_stored = true};
  const std::uint64_t header = size_;
  this->write(local_header(added));
  added.data = size_;
  write([&](ByteSpan bytes) {
    added.crc = zip_crc(added.crc, bytes);
    this->write(bytes);
  });
  added.size = added.stored_size = size_ - added.data;
  file_->overwrite(header, local_header(added));
  members_.push_back(std::move(added));
}

void ZipWriter::commit() {
  FieldWriter directory;
  for (const ZipMember& member : members_) put_entry(directory, member);
  const std::uint64_t offset = size_, size = directory.size(), count = members_.size();
  if (offset >= kElsewhere) put_zip64_end(directory, count, offset, size);
  directory.text("PK\x05\x06");  // 4.3.16
  directory.u32(0);
  directory.u16(count);
  directory.u16(count);
  directory.u32(std::min<std::uint64_t>(size, kElsewhere));
  directory.u32(std::min<std::uint64_t>(offset, kElsewhere));
  directory.u16(0);
  write(directory.bytes());
  file_->commit();
}

}  // namespace banach::formats
