#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/hdf5_messages.hpp>

#include <functional>
#include <string>

namespace banach::formats {

/// The elements of a dataset, read straight to where `room` says; a chunk or 64 KiB are held beside
/// them. `room` is called once, when the file was found to hold bytes for all elements.
void read_hdf5_data(const ByteSource& source, const Hdf5Object& object, const StoredType& type,
                    const Shape& shape, const std::string& where,
                    const std::function<std::byte*()>& room);

}  // namespace banach::formats
