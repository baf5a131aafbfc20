#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/byte_source.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace banach::formats {

struct Safetensors {
  std::vector<std::pair<std::string, Array>> arrays;  ///< in the header's order
  std::map<std::string, std::string> metadata;        ///< the dict "__metadata__"
};

/// An array as the header has it.
struct SafetensorsEntry {
  std::string name;
  Shape shape;
  std::string dtype;  ///< in the file: "float16", "uint32"
};
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;
  std::map<std::string, std::string> metadata;
};

/// What a file holds, without reading its elements; errors as load_safetensors'.
SafetensorsHeader read_safetensors_header(const ByteSource& source);

/// The arrays of a .safetensors file, each read straight into its memory. Refused as the reference
/// implementation refuses it (safetensors/src/tensor.rs), with Corruption: a header of less than 8
/// or more than 100,000,000 bytes or than the file has, that does not begin with '{', is no UTF-8
/// or no JSON, or has a key twice; arrays that leave gaps, overlap, or do not end where the file
/// does; offsets that are not shape times dtype. Types that Array has not become wider
/// (stored_type.hpp); NotSupported for those of less than a byte, float8 and complex numbers.
Safetensors load_safetensors(const ByteSource& source);
inline Safetensors load_safetensors(const std::string& path) {
  return load_safetensors(ByteSource(path));
}

/// A file that the reference implementation reads; equal arrays give equal bytes. InvalidArgument
/// for a name that repeats or is "__metadata__".
Bytes write_safetensors(const Safetensors& content);
/// The same into a file, atomically (AtomicFile), without a second copy of the arrays.
void save_safetensors(const std::string& path, const Safetensors& content);

}  // namespace banach::formats
