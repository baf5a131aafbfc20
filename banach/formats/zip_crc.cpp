#include <banach/formats/zip_crc.hpp>

#include <zlib.h>

namespace banach::formats {

std::uint32_t zip_crc(std::uint32_t crc, ByteSpan bytes) {
  if (bytes.empty()) return crc;  // zlib takes a null pointer as a wish to start anew
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(crc32_z(crc, data, bytes.size()));
}

}  // namespace banach::formats
