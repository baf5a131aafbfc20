#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/hdf5_messages.hpp>

#include <string>

namespace banach::formats {

/// What an Array of a type has: int8 and int16 become int32; uint16 int32; uint32 and uint64 int64;
/// float16 float32; the others stay. NotSupported for strings and opaque bytes.
DType dtype_of_hdf5(const Hdf5Type& type, const std::string& where);

/// Converts `count` elements as stored at `from` to those of an Array at `to`. Corruption for a
/// bool that is neither 0 nor 1; NotSupported for an uint64 beyond int64.
void convert_hdf5(const Hdf5Type& type, const std::byte* from, std::size_t count, std::byte* to,
                  const std::string& where);

/// The elements of a dataset, read straight into the Array; a chunk or 64 KiB are held beside it.
/// Before anything is allocated, the file must hold bytes for all of them.
Array read_hdf5_data(const ByteSource& source, const Hdf5Object& object, const Hdf5Type& type,
                     const Shape& shape, const std::string& where);

}  // namespace banach::formats
