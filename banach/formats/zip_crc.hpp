#pragma once

#include <banach/formats/file.hpp>

namespace banach::formats {

/// The CRC-32 of what came before, `crc` (0 at first), and `bytes`.
std::uint32_t zip_crc(std::uint32_t crc, ByteSpan bytes);

}  // namespace banach::formats
