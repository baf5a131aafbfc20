#pragma once

#include <banach/formats/file.hpp>

namespace banach::formats {

/// The checksum of HDF5's newer metadata: Bob Jenkins' lookup3, hashlittle() with seed 0.
std::uint32_t hdf5_checksum(ByteSpan bytes);

/// Corruption unless the block's last four bytes, which it must have, are the others' checksum.
void check_hdf5_checksum(ByteSpan block, const std::string& where, const char* what);

}  // namespace banach::formats
