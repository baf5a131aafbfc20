#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/hdf5_messages.hpp>

#include <fmt/format.h>

namespace banach::formats {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw NotSupported(fmt::format("[{}] {}", where, what));
}

// A part of an attribute message, which older versions pad.
ByteSpan take_padded(FieldReader& fields, std::size_t size, bool padded) {
  const ByteSpan part = fields.take(size);
  if (padded) fields.align(8);
  return part;
}

struct AttributeParts {
  std::string name;
  ByteSpan type, space, data;
};

AttributeParts split_attribute(ByteSpan bytes, const std::string& where) {
  FieldReader fields(bytes, where, "an attribute message");
  const int version = fields.u8(), flags = fields.u8();
  if (version < 1 || version > 3) {
    refuse(where, fmt::format("has an attribute of version {}", version));
  }
  if (version > 1 && flags != 0) refuse(where, "has an attribute of a committed datatype");
  const std::size_t name = fields.u16(), type = fields.u16(), space = fields.u16();
  if (version == 3) fields.skip(1);  // the name's character set
  const bool padded = version == 1;
  AttributeParts parts;
  parts.name = as_text(take_padded(fields, name, padded));
  parts.name.resize(std::min(parts.name.find('\0'), parts.name.size()));
  parts.type = take_padded(fields, type, padded);
  parts.space = take_padded(fields, space, padded);
  parts.data = fields.take(fields.remaining());
  return parts;
}

}  // namespace

std::optional<std::uint64_t> Hdf5Space::count() const {
  std::uint64_t product = is_null ? 0 : 1;
  bool overflow = false;
  for (std::uint64_t dim : dims) {
    overflow |= dim > INT64_MAX || __builtin_mul_overflow(product, dim, &product);
  }
  if (overflow || product > INT64_MAX) return std::nullopt;
  return product;
}

Hdf5Space parse_hdf5_space(ByteSpan bytes, const std::string& where) {
  FieldReader fields(bytes, where, "a dataspace message");
  const int version = fields.u8(), rank = fields.u8();
  if (version != 1 && version != 2)
    refuse(where, fmt::format("has a dataspace of version {}", version));
  fields.skip(1);  // which other dims follow
  constexpr int kNull = 2;
  Hdf5Space space;
  if (version == 1) {
    fields.skip(5);
  } else {
    space.is_null = fields.u8() == kNull;
  }
  for (int i = 0; i < rank; ++i) space.dims.push_back(fields.u64());
  return space;
}

Hdf5Layout parse_hdf5_layout(ByteSpan bytes, const std::string& where) {
  FieldReader fields(bytes, where, "a layout message");
  const int version = fields.u8();
  if (version < 3 || version > 4) {
    refuse(where, fmt::format("has a layout of version {}, expected 3 or 4", version));
  }
  const int kind = fields.u8();
  Hdf5Layout layout;
  switch (kind) {
    case 0: {
      layout.kind = Hdf5Layout::Kind::compact;
      const ByteSpan data = fields.take(fields.u16());
      layout.data.assign(data.begin(), data.end());
      return layout;
    }
    case 1:
      layout.kind = Hdf5Layout::Kind::contiguous;
      layout.address = fields.u64();
      layout.size = fields.u64();
      return layout;
    case 2: {
      if (version > 3) break;
      layout.kind = Hdf5Layout::Kind::chunked;
      const int rank = fields.u8();
      layout.address = fields.u64();
      for (int i = 0; i < rank; ++i) layout.chunk.push_back(fields.u32());
      return layout;
    }
    case 3: refuse(where, "is a virtual dataset, whose elements may be in other files");
    default: fields.fail(fmt::format("has the unknown class {}", kind));
  }
  refuse(where, "has a newer chunk index. Write the file with libver='earliest'");
}

std::vector<Hdf5Filter> parse_hdf5_filters(ByteSpan bytes, const std::string& where) {
  constexpr int kDeflate = 1, kShuffle = 2, kFirstNamed = 256;
  constexpr std::size_t kMost = 2;
  FieldReader fields(bytes, where, "a filter message");
  const int version = fields.u8(), count = fields.u8();
  if (version != 1 && version != 2)
    refuse(where, fmt::format("has filters of version {}", version));
  if (version == 1) fields.skip(6);
  std::vector<Hdf5Filter> filters;
  for (int i = 0; i < count; ++i) {
    const int id = fields.u16();
    const bool named = version == 1 || id >= kFirstNamed;
    const std::size_t name = named ? fields.u16() : 0;
    fields.skip(2);
    const std::size_t values = fields.u16();
    if (id != kDeflate && id != kShuffle) {
      refuse(where,
             fmt::format("is stored with filter {}, expected deflate (gzip) or shuffle", id));
    }
    take_padded(fields, name, version == 1);
    fields.skip(4 * values);
    if (version == 1) fields.align(8);
    filters.push_back(id == kDeflate ? Hdf5Filter::deflate : Hdf5Filter::shuffle);
  }
  if (filters.size() > kMost) refuse(where, fmt::format("is stored with {} filters", count));
  if (filters.size() == kMost && filters[0] == filters[1]) refuse(where, "repeats a filter");
  return filters;
}

Hdf5Attribute parse_hdf5_attribute(ByteSpan bytes, const std::string& where) {
  const AttributeParts parts = split_attribute(bytes, where);
  const std::string place = where + "@" + parts.name;
  return {parts.name, parse_hdf5_type(parts.type, place), parse_hdf5_space(parts.space, place),
          Bytes(parts.data.begin(), parts.data.end())};
}

std::string parse_hdf5_attribute_name(ByteSpan bytes, const std::string& where) {
  return split_attribute(bytes, where).name;
}

}  // namespace banach::formats
