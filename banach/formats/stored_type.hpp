#pragma once

#include <banach/core/dtype.hpp>
#include <banach/formats/byte_source.hpp>

#include <cstddef>
#include <string>

namespace banach::formats {

/// How a file stores elements, as far as they are read.
struct StoredType {
  enum class Kind { integer, floating, bfloat16, boolean, opaque, fixed_string, variable_string };
  Kind kind;
  std::size_t size;  ///< bytes of one element
  bool is_signed = false;
  bool is_big_endian = false;
  bool is_space_padded = false;
};

/// "float16", "uint32", "bfloat16", "bool", "string" or "opaque", whatever the byte order.
std::string name_of(const StoredType& type);

/// What an Array of a type has: int8 and int16 become int32; uint16 int32; uint32 and uint64 int64;
/// the others stay. NotSupported for strings and opaque bytes.
DType dtype_of_stored(const StoredType& type, const std::string& where);

/// Converts `count` elements as stored at `from` to those of an Array at `to`. Corruption for a
/// bool that is neither 0 nor 1; NotSupported for an uint64 beyond int64.
void convert_stored(const StoredType& type, const std::byte* from, std::size_t count, std::byte* to,
                    const std::string& where);

/// The same for elements of a file, straight into `to`; at most 64 KiB are held beside it.
void read_stored(const ByteSource& source, std::uint64_t address, const StoredType& type,
                 std::size_t count, std::byte* to, const std::string& where);

}  // namespace banach::formats
