#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/hdf5_messages.hpp>

#include <string>

namespace banach::formats {

/// The elements of a dataset, read straight into the Array; a chunk or 64 KiB are held beside it.
/// Before anything is allocated, the file must hold bytes for all of them.
Array read_hdf5_data(const ByteSource& source, const Hdf5Object& object, const StoredType& type,
                     const Shape& shape, const std::string& where);

}  // namespace banach::formats
