#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/hdf5_messages.hpp>

#include <string>
#include <vector>

namespace banach::formats {

/// The elements of a dataset that is stored in chunks, each deflated and shuffled on its own. The
/// file must hold every chunk once, in bytes that can unpack to it (deflate gives at most 1032 : 1)
/// and that are not more than the file has.
Array read_hdf5_chunks(const ByteSource& source, const Hdf5Layout& layout,
                       const std::vector<Hdf5Filter>& filters, const StoredType& type,
                       const Shape& shape, const std::string& where);

}  // namespace banach::formats
