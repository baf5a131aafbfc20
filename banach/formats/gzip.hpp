#pragma once

#include <banach/formats/file.hpp>

namespace banach::formats {

/// True when the bytes begin as a gzip file does (RFC 1952).
bool is_gzip(ByteSpan bytes);

/// The content of a gzip file with one or more members. Corruption, naming the file as `name`, when
/// it is no gzip file, ends early, fails its CRC or length, has bytes after the last member, or
/// unpacks to more than `max_bytes` (kMaxBytes at most).
Bytes gunzip(ByteSpan bytes, const std::string& name, std::uint64_t max_bytes = kMaxBytes);

}  // namespace banach::formats
