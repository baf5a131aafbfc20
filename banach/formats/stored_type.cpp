#include <banach/core/errors.hpp>
#include <banach/formats/stored_type.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>

namespace banach::formats {
namespace {

using Kind = StoredType::Kind;

static_assert(std::endian::native == std::endian::little, "elements are copied as they are");

template <class Unsigned>
Unsigned load(const std::byte* from, bool is_big_endian) {
  std::byte bytes[sizeof(Unsigned)];
  std::memcpy(bytes, from, sizeof(Unsigned));
  if (is_big_endian) std::ranges::reverse(bytes);
  return std::bit_cast<Unsigned>(bytes);
}

// From is stored, in Bits; To is the Array's.
template <class Bits, class From, class To>
void convert(const std::byte* from, std::size_t count, bool is_big_endian, std::byte* to) {
  for (std::size_t i = 0; i < count; ++i, from += sizeof(Bits), to += sizeof(To)) {
    const To value = static_cast<To>(std::bit_cast<From>(load<Bits>(from, is_big_endian)));
    std::memcpy(to, &value, sizeof(To));
  }
}

void check_range(const std::byte* from, std::size_t count, bool is_big_endian,
                 const std::string& where) {
  for (std::size_t i = 0; i < count; ++i, from += 8) {
    if (const auto value = load<std::uint64_t>(from, is_big_endian); value > INT64_MAX) {
      throw NotSupported(
          fmt::format("[{}] has the uint64 {}, which does not fit into int64", where, value));
    }
  }
}

// A C++ bool that holds another value than 0 or 1 is undefined behaviour.
void check_booleans(const std::byte* from, std::size_t count, const std::string& where) {
  const auto* bad = std::find_if(from, from + count, [](std::byte b) { return b > std::byte{1}; });
  if (bad == from + count) return;
  throw Corruption(
      fmt::format("[{}] a bool is {}, expected 0 or 1", where, std::to_integer<int>(*bad)));
}

void convert_integers(const StoredType& type, const std::byte* from, std::size_t count,
                      std::byte* to) {
  const bool big = type.is_big_endian;
  switch (type.size) {
    case 1: return convert<std::uint8_t, std::int8_t, std::int32_t>(from, count, big, to);
    case 2:
      if (type.is_signed) {
        return convert<std::uint16_t, std::int16_t, std::int32_t>(from, count, big, to);
      }
      return convert<std::uint16_t, std::uint16_t, std::int32_t>(from, count, big, to);
    case 4:
      if (type.is_signed) {
        return convert<std::uint32_t, std::int32_t, std::int32_t>(from, count, big, to);
      }
      return convert<std::uint32_t, std::uint32_t, std::int64_t>(from, count, big, to);
    default: return convert<std::uint64_t, std::int64_t, std::int64_t>(from, count, big, to);
  }
}

// The bytes are those of the Array already.
bool is_native(const StoredType& type) {
  if (type.size == 1) return type.kind == Kind::boolean || !type.is_signed;
  if (type.is_big_endian) return false;
  if (type.kind == Kind::integer) return (type.is_signed && type.size >= 4) || type.size == 8;
  return true;
}

}  // namespace

std::string name_of(const StoredType& type) {
  switch (type.kind) {
    case Kind::integer: return fmt::format("{}int{}", type.is_signed ? "" : "u", 8 * type.size);
    case Kind::floating: return fmt::format("float{}", 8 * type.size);
    case Kind::bfloat16: return "bfloat16";
    case Kind::boolean: return "bool";
    case Kind::opaque: return "opaque";
    default: return "string";
  }
}

DType dtype_of_stored(const StoredType& type, const std::string& where) {
  switch (type.kind) {
    case Kind::integer:
      if (type.size == 1) return type.is_signed ? int32 : uint8;
      return type.size == 8 || (type.size == 4 && !type.is_signed) ? int64 : int32;
    case Kind::floating: return type.size == 8 ? float64 : (type.size == 4 ? float32 : float16);
    case Kind::bfloat16: return bfloat16;
    case Kind::boolean: return boolean;
    default:
      throw NotSupported(fmt::format("[{}] expected numbers or bools, received {}", where,
                                     type.kind == Kind::opaque ? "opaque bytes" : "strings"));
  }
}

void convert_stored(const StoredType& type, const std::byte* from, std::size_t count, std::byte* to,
                    const std::string& where) {
  const bool big = type.is_big_endian;
  if (type.kind == Kind::boolean) check_booleans(from, count, where);
  if (type.kind == Kind::integer && type.size == 8 && !type.is_signed) {
    check_range(from, count, big, where);
  }
  if (is_native(type)) {
    if (from != to) std::memcpy(to, from, count * type.size);
  } else if (type.kind == Kind::integer) {
    convert_integers(type, from, count, to);
  } else if (type.size == 2) {
    convert<std::uint16_t, std::uint16_t, std::uint16_t>(from, count, big, to);
  } else if (type.size == 4) {
    convert<std::uint32_t, float, float>(from, count, big, to);
  } else {
    convert<std::uint64_t, double, double>(from, count, big, to);
  }
}

// Elements that an Array holds in the same size are converted where they are, others a piece at a
// time.
void read_stored(const ByteSource& source, std::uint64_t address, const StoredType& type,
                 std::size_t count, std::byte* to, const std::string& where) {
  constexpr std::size_t kPiece = 8192;  // elements: up to 64 KiB
  const std::size_t width = size_of(dtype_of_stored(type, where));
  if (width == type.size) {
    source.read(address, {to, count * width});
    return convert_stored(type, to, count, to, where);
  }
  Bytes piece(std::min(count, kPiece) * type.size);
  for (std::size_t done = 0; done < count; done += kPiece) {
    const std::size_t some = std::min(kPiece, count - done);
    source.read(address + done * type.size, {piece.data(), some * type.size});
    convert_stored(type, piece.data(), some, to + done * width, where);
  }
}

}  // namespace banach::formats
