#pragma once

#include <banach/formats/file.hpp>

namespace banach::formats {

/// CRC-32C (Castagnoli, RFC 3720 B.4), the checksum of TensorFlow's files.
std::uint32_t crc32c(ByteSpan bytes);

}  // namespace banach::formats
