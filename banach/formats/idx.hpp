#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/file.hpp>

namespace banach::formats {

/// The array in an IDX file, MNIST's format (big-endian): two zero bytes, a type code, the number
/// of dimensions, each dimension in four bytes, the elements. uint8, int32, float32 and float64;
/// NotSupported for int8 and int16, Corruption, naming the file as `name`, for anything else.
Array parse_idx(ByteSpan bytes, const std::string& name);

}  // namespace banach::formats
