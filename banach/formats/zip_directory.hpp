#pragma once

#include <banach/formats/byte_source.hpp>

#include <string>
#include <vector>

namespace banach::formats {

/// A row of an archive's central directory, with where the member's header and bytes are.
struct ZipDirectoryEntry {
  std::string name;
  std::uint64_t stored_size = 0, header = 0, data = 0;
};

/// The central directory of an archive, which libzip keeps to itself, in its order. Corruption when
/// it or what it points to lies outside, and when members overlap.
std::vector<ZipDirectoryEntry> read_zip_directory(const ByteSource& source);

}  // namespace banach::formats
