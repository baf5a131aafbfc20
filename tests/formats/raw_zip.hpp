#pragma once

#include "samples.hpp"

#include <optional>
#include <vector>

namespace banach::testing {

/// A ZIP member with every field free, to write archives that lie.
struct RawMember {
  RawMember(std::string member_name, const Bytes& content)
      : name(std::move(member_name)), local_name(name), data(content) {
    crc = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
    size = stored_size = static_cast<std::uint32_t>(data.size());
  }

  std::string name, local_name;
  Bytes data;  // as stored
  int method = 0, flags = 0;
  std::uint32_t crc = 0, size = 0, stored_size = 0;
  std::optional<std::uint32_t> offset;  // no local header of its own
  Bytes extra;                          // in both headers
  std::uint32_t unix_mode = 0;          // 0: made by another system
};

inline Bytes little(std::uint64_t value, int count) {
  Bytes bytes;
  for (int i = 0; i < count; ++i, value >>= 8)
    bytes.push_back(static_cast<std::byte>(value & 0xff));
  return bytes;
}

inline Bytes common_fields(const RawMember& m, const std::string& name) {
  return little(20, 2) + little(static_cast<unsigned>(m.flags), 2) +
         little(static_cast<unsigned>(m.method), 2) + little(0, 2) + little(33, 2) +
         little(m.crc, 4) + little(m.stored_size, 4) + little(m.size, 4) + little(name.size(), 2) +
         little(m.extra.size(), 2);
}

inline Bytes local_header(const RawMember& m) {
  return bytes_of("PK\x03\x04") + common_fields(m, m.local_name) + bytes_of(m.local_name) + m.extra;
}

inline Bytes end_record(std::size_t count, std::size_t size, std::size_t offset,
                        const std::string& comment = "") {
  return bytes_of("PK\x05\x06") + little(0, 4) + little(count, 2) + little(count, 2) +
         little(size, 4) + little(offset, 4) + little(comment.size(), 2) + bytes_of(comment);
}

inline Bytes raw_zip(const std::vector<RawMember>& members, const std::string& comment = "") {
  Bytes archive, directory;
  for (const RawMember& m : members) {
    const std::size_t offset = m.offset ? *m.offset : archive.size();
    if (!m.offset) archive = std::move(archive) + local_header(m) + m.data;
    directory = std::move(directory) + bytes_of("PK\x01\x02") +
                little(m.unix_mode != 0 ? 0x314 : 20, 2) + common_fields(m, m.name) +
                little(0, 2 + 2 + 2 + 2) + little(m.unix_mode, 2) + little(offset, 4) +
                bytes_of(m.name) + m.extra;
  }
  const std::size_t offset = archive.size(), size = directory.size();
  return std::move(archive) + directory + end_record(members.size(), size, offset, comment);
}

}  // namespace banach::testing
