#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/hdf5_messages.hpp>

#include <algorithm>
#include <fmt/format.h>

// Datatype messages ("IV.A.2.d" of the format).
namespace banach::formats {
namespace {

using Kind = StoredType::Kind;

constexpr std::string_view kClasses[] = {"fixed point", "float",           "time",     "string",
                                         "bit field",   "opaque",          "compound", "reference",
                                         "enumeration", "variable length", "array"};

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw NotSupported(fmt::format(
      "[{}] has the type {}, expected integers, floats, bools or strings as h5py writes them",
      where, what));
}

struct Header {
  int version, type_class;
  std::uint32_t bits, size;
};

Header read_header(FieldReader& fields, const std::string& where) {
  const int first = fields.u8();
  Header header{first >> 4, first & 15, static_cast<std::uint32_t>(fields.number(3)), fields.u32()};
  if (header.version < 1 || header.version > 3) {
    refuse(where, fmt::format("of version {}", header.version));
  }
  if (header.size == 0) fields.fail("has a size of 0");
  return header;
}

StoredType integer_type(FieldReader& fields, const Header& header, const std::string& where) {
  const int offset = fields.u16(), precision = fields.u16();
  const bool whole = offset == 0 && precision == static_cast<int>(8 * header.size);
  const bool known = header.size == 1 || header.size == 2 || header.size == 4 || header.size == 8;
  if (!whole || !known) {
    refuse(where, fmt::format("integer of {} bits from bit {} of {} bytes", precision, offset,
                              header.size));
  }
  return {Kind::integer, header.size, (header.bits & 8) != 0, (header.bits & 1) != 0};
}

struct FloatFormat {
  Kind kind;
  std::size_t size;
  int sign, exponent_at, exponent, mantissa;
  std::uint32_t bias;
};

constexpr FloatFormat kFloats[] = {{Kind::floating, 2, 15, 10, 5, 10, 15},
                                   {Kind::bfloat16, 2, 15, 7, 8, 7, 127},
                                   {Kind::floating, 4, 31, 23, 8, 23, 127},
                                   {Kind::floating, 8, 63, 52, 11, 52, 1023}};

StoredType float_type(FieldReader& fields, const Header& header, const std::string& where) {
  constexpr std::uint32_t kVax = 0x40, kNormalization = 0x30, kImpliedOne = 0x20, kPadding = 0x0E;
  const int offset = fields.u16(), precision = fields.u16();
  const int exponent_at = fields.u8(), exponent = fields.u8();
  const int mantissa_at = fields.u8(), mantissa = fields.u8();
  const std::uint32_t bias = fields.u32();
  const int sign = static_cast<int>(header.bits >> 8 & 0xff);
  const auto same = [&](const FloatFormat& f) {
    return f.size == header.size && f.sign == sign && f.exponent_at == exponent_at &&
           f.exponent == exponent && f.mantissa == mantissa && f.bias == bias;
  };
  const auto* format = std::ranges::find_if(kFloats, same);
  const bool plain = offset == 0 && precision == static_cast<int>(8 * header.size) &&
                     mantissa_at == 0 && (header.bits & (kVax | kPadding)) == 0 &&
                     (header.bits & kNormalization) == kImpliedOne;
  if (format == std::end(kFloats) || !plain) {
    refuse(where, fmt::format("float of {} bits, {} of exponent and {} of fraction", precision,
                              exponent, mantissa));
  }
  return {format->kind, header.size, true, (header.bits & 1) != 0};
}

// h5py's bool: an enumeration of int8 with FALSE = 0 and TRUE = 1.
StoredType enum_type(FieldReader& fields, const Header& header, const std::string& where) {
  const Header base = read_header(fields, where);
  const bool is_byte = base.type_class == 0 && base.size == 1 && header.size == 1;
  if (is_byte && (header.bits & 0xffff) == 2) {
    integer_type(fields, base, where);
    const std::size_t padded = header.version < 3 ? 8 : 1;
    const auto is_next = [&](std::string_view text) {
      const std::size_t width = (text.size() + padded) / padded * padded;  // with a zero byte
      const ByteSpan name = fields.take(width);
      return as_text(name).starts_with(text) && name[text.size()] == std::byte{0};
    };
    if (is_next("FALSE") && is_next("TRUE") && fields.u8() == 0 && fields.u8() == 1) {
      return {Kind::boolean, 1};
    }
  }
  refuse(where, "enumeration");
}

StoredType variable_type(const Header& header, const std::string& where) {
  constexpr std::size_t kReference = 16;  // length, collection, index
  constexpr std::uint32_t kString = 1;
  if ((header.bits & 15) != kString || header.size != kReference) refuse(where, "variable length");
  return {Kind::variable_string, kReference};
}

}  // namespace

StoredType parse_hdf5_type(ByteSpan bytes, const std::string& where) {
  FieldReader fields(bytes, where, "a datatype message");
  const Header header = read_header(fields, where);
  constexpr std::uint32_t kSpacePadded = 2;
  switch (header.type_class) {
    case 0: return integer_type(fields, header, where);
    case 1: return float_type(fields, header, where);
    case 3:
      return {Kind::fixed_string, header.size, false, false, (header.bits & 15) == kSpacePadded};
    case 5: return {Kind::opaque, header.size};
    case 8: return enum_type(fields, header, where);
    case 9: return variable_type(header, where);
    default:
      refuse(where, header.type_class <= 10 ? std::string(kClasses[header.type_class])
                                            : fmt::format("of class {}", header.type_class));
  }
}

}  // namespace banach::formats
