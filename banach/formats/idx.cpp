#include <banach/core/errors.hpp>
#include <banach/formats/elements.hpp>
#include <banach/formats/idx.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace banach::formats {
namespace {

constexpr std::size_t kFixedHeader = 4;

struct TypeCode {
  unsigned code;
  std::string_view name;
  bool supported;
  DType dtype;
};

constexpr std::array<TypeCode, 6> kTypeCodes{{{0x08, "uint8", true, uint8},
                                              {0x09, "int8", false, uint8},
                                              {0x0B, "int16", false, uint8},
                                              {0x0C, "int32", true, int32},
                                              {0x0D, "float32", true, float32},
                                              {0x0E, "float64", true, float64}}};

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Corruption(fmt::format("[{}] {}", name, what));
}

DType dtype_of_code(unsigned code, const std::string& name) {
  const auto row = std::ranges::find(kTypeCodes, code, &TypeCode::code);
  if (row == kTypeCodes.end()) {
    fail(name, fmt::format("byte 2: expected an IDX type code (0x08, 0x0C, 0x0D or 0x0E), "
                           "received 0x{:02X}",
                           code));
  }
  if (!row->supported) {
    throw NotSupported(fmt::format("[{}] {} elements: expected uint8, int32, float32 or float64",
                                   name, row->name));
  }
  return row->dtype;
}

std::uint32_t big_endian(ByteSpan bytes) {
  std::uint32_t value = 0;
  for (std::byte byte : bytes.first(4)) value = value << 8 | std::to_integer<std::uint32_t>(byte);
  return value;
}

Shape parse_shape(ByteSpan bytes, const std::string& name) {
  const auto rank = std::to_integer<int>(bytes[3]);
  if (rank < 1 || rank > Shape::kMaxRank) {
    fail(name,
         fmt::format("byte 3: expected 1 to {} dimensions, received {}", Shape::kMaxRank, rank));
  }
  if (bytes.size() < kFixedHeader + 4 * static_cast<std::size_t>(rank)) {
    fail(name, fmt::format("ends inside the {} dimensions of its header", rank));
  }
  Shape shape;
  for (int axis = 0; axis < rank; ++axis) {
    shape.push_back(big_endian(bytes.subspan(kFixedHeader + 4 * static_cast<std::size_t>(axis))));
  }
  return shape;
}

void copy_elements(ByteSpan from, std::size_t width, std::byte* to) {
  if (from.empty()) return;
  if (width == 1 || std::endian::native == std::endian::big) {
    std::memcpy(to, from.data(), from.size());
    return;
  }
  for (std::size_t i = 0; i < from.size(); i += width) {
    std::reverse_copy(from.begin() + i, from.begin() + i + width, to + i);
  }
}

}  // namespace

Array parse_idx(ByteSpan bytes, const std::string& name) {
  if (bytes.size() < kFixedHeader) {
    fail(name, fmt::format("expected an IDX file, received {} bytes", bytes.size()));
  }
  if (bytes[0] != std::byte{0} || bytes[1] != std::byte{0}) {
    fail(name, "expected an IDX file, which begins with two zero bytes");
  }
  const DType dtype = dtype_of_code(std::to_integer<unsigned>(bytes[2]), name);
  const Shape shape = parse_shape(bytes, name);
  const ByteSpan elements =
      bytes.subspan(kFixedHeader + 4 * static_cast<std::size_t>(shape.rank()));
  check_element_bytes(shape, dtype, elements.size(), name);
  Array result(shape, dtype);
  copy_elements(elements, size_of(dtype), static_cast<std::byte*>(result.mutable_raw()));
  return result;
}

}  // namespace banach::formats
