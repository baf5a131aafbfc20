#pragma once

#include <banach/core/shape.hpp>
#include <banach/formats/file.hpp>

namespace banach::formats {

/// What stands before the elements of an .npy file (numpy/lib/_format_impl.py).
struct NpyHeader {
  std::string descr;  ///< "<f4", ...
  bool fortran_order = false;
  Shape shape;
  std::size_t size = 0;  ///< bytes, magic included
};

/// NumPy's own limit on the text of a header.
inline constexpr std::size_t kMaxNpyHeader = 10'000;

/// Versions 1, 2 and 3. Corruption naming the file as `name`; NotSupported for structured dtypes
/// and more than Shape::kMaxRank dimensions.
NpyHeader parse_npy_header(ByteSpan bytes, const std::string& name);

}  // namespace banach::formats
