#pragma once

#include <banach/core/dtype.hpp>
#include <banach/core/shape.hpp>
#include <banach/formats/hdf5_metadata.hpp>
#include <banach/formats/stored_type.hpp>

#include <optional>
#include <string>
#include <vector>

namespace banach::formats {

struct Hdf5Space {
  bool is_null = false;
  std::vector<std::uint64_t> dims;  ///< empty for a scalar

  /// Elements; nullopt beyond 2^63.
  std::optional<std::uint64_t> count() const;
};

struct Hdf5Layout {
  enum class Kind { compact, contiguous, chunked };
  Kind kind;
  Bytes data;                              ///< compact: the elements
  std::uint64_t address = kHdf5Undefined;  ///< of the elements, or of the chunks' B-tree
  std::uint64_t size = 0;                  ///< contiguous: bytes
  std::vector<std::uint32_t> chunk;        ///< chunked: its dims, then the size of an element
};

struct Hdf5Attribute {
  std::string name;
  StoredType type;
  Hdf5Space space;
  Bytes data;
};

enum class Hdf5Filter { deflate, shuffle };

/// The meaning of a message's bytes. Corruption for what contradicts the format; NotSupported for
/// what is not read: types that are no numbers, bools or strings; layouts in several files,
/// virtual or indexed in newer ways; filters but deflate and shuffle.
StoredType parse_hdf5_type(ByteSpan bytes, const std::string& where);
Hdf5Space parse_hdf5_space(ByteSpan bytes, const std::string& where);
Hdf5Layout parse_hdf5_layout(ByteSpan bytes, const std::string& where);
std::vector<Hdf5Filter> parse_hdf5_filters(ByteSpan bytes, const std::string& where);
Hdf5Attribute parse_hdf5_attribute(ByteSpan bytes, const std::string& where);
/// Its name alone, which needs no type that is read.
std::string parse_hdf5_attribute_name(ByteSpan bytes, const std::string& where);

}  // namespace banach::formats
