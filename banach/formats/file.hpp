#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Bytes <-> values. Nothing here executes or follows what a file says: a reader ends in a value or
/// in an Error that names the file, and keeps no more memory than the file's content justifies.
namespace banach::formats {

using Bytes = std::vector<std::byte>;
using ByteSpan = std::span<const std::byte>;
using ByteSink = std::function<void(ByteSpan)>;  ///< takes bytes, one piece after the other

/// What a reader takes from one file at most, packed or unpacked, unless told otherwise.
inline constexpr std::uint64_t kMaxBytes = std::uint64_t{16} << 30;

/// Readers reserve this much on a file's word alone; beyond it memory follows the bytes that come.
inline constexpr std::size_t kTrustedBytes = std::size_t{48} << 20;

/// The content of a regular file. NotFound when there is none; IOError for a folder, a pipe, a
/// device (at once, without waiting for a writer), or more than `max_bytes`.
Bytes read_file(const std::string& path, std::uint64_t max_bytes = kMaxBytes);

/// Replaces the content of `path` in one step: whatever happens, the old or the new content is
/// there, complete. IOError when the system refuses; then nothing is left behind.
void write_file_atomic(const std::string& path, ByteSpan bytes);

inline ByteSpan as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace banach::formats
