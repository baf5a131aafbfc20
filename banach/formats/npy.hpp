#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/file.hpp>

namespace banach::formats {

/// The array in an .npy file of float32, float64, int32, int64, uint8 or bool, little-endian, in C
/// or Fortran order. NotSupported for other dtypes, Python objects ('|O') among them; Corruption,
/// naming the file as `name`, when header and content disagree.
Array parse_npy(ByteSpan bytes, const std::string& name);

/// The bytes of an .npy file, version 1.0, that numpy.load reads.
Bytes write_npy(const Array& array);

}  // namespace banach::formats
