#include <banach/core/errors.hpp>
#include <banach/formats/elements.hpp>
#include <banach/formats/npy.hpp>
#include <banach/formats/npy_header.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace banach::formats {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they are");

struct Descr {
  DType dtype;
  std::string_view text;
};

constexpr std::array<Descr, 7> kDescrs{{{float32, "<f4"},
                                        {float64, "<f8"},
                                        {float16, "<f2"},
                                        {int32, "<i4"},
                                        {int64, "<i8"},
                                        {uint8, "|u1"},
                                        {boolean, "|b1"}}};

DType dtype_of_descr(const std::string& descr, const std::string& name) {
  const auto row = std::ranges::find(kDescrs, descr, &Descr::text);
  if (row != kDescrs.end()) return row->dtype;
  throw NotSupported(fmt::format(
      "[{}] expected dtype <f4, <f8, <f2, <i4, <i8, |u1 or |b1, received '{}'. {}", name, descr,
      descr == "|O" ? "Python objects are never loaded" : "Convert with astype() before saving"));
}

// A C++ bool that holds another value than 0 or 1 is undefined behaviour.
void check_booleans(ByteSpan elements, const std::string& name) {
  const auto bad = std::ranges::find_if(elements, [](std::byte b) { return b > std::byte{1}; });
  if (bad == elements.end()) return;
  throw Corruption(fmt::format("[{}] element {} of a bool array is {}, expected 0 or 1", name,
                               bad - elements.begin(), std::to_integer<int>(*bad)));
}

// Fortran order: the first axis varies fastest.
void copy_fortran(const std::byte* from, std::size_t width, const Shape& shape, std::byte* to) {
  std::array<std::int64_t, Shape::kMaxRank> position{}, stride{};
  std::int64_t count = 1;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    stride[axis] = count;
    count *= shape[axis];
  }
  std::int64_t source = 0;
  for (std::int64_t i = 0; i < count; ++i, to += width) {
    std::memcpy(to, from + source * static_cast<std::int64_t>(width), width);
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      source += stride[axis];
      if (++position[axis] < shape[axis]) break;
      source -= stride[axis] * shape[axis];
      position[axis] = 0;
    }
  }
}

}  // namespace

Array parse_npy(ByteSpan bytes, const std::string& name) {
  const NpyHeader header = parse_npy_header(bytes, name);
  const DType dtype = dtype_of_descr(header.descr, name);
  const ByteSpan elements = bytes.subspan(header.size);
  check_element_bytes(header.shape, dtype, elements.size(), name);
  if (dtype == boolean) check_booleans(elements, name);
  Array result(header.shape, dtype);
  auto* target = static_cast<std::byte*>(result.mutable_raw());
  if (header.fortran_order && header.shape.rank() > 1) {
    copy_fortran(elements.data(), size_of(dtype), header.shape, target);
  } else if (!elements.empty()) {
    std::memcpy(target, elements.data(), elements.size());
  }
  return result;
}

Bytes write_npy(const Array& array) {
  constexpr std::size_t kPrefix = 10, kAlignment = 64;
  const auto row = std::ranges::find(kDescrs, array.dtype(), &Descr::dtype);
  if (row == kDescrs.end()) {
    throw NotSupported(fmt::format("[npy] NumPy has no {}: convert with astype(float32) first",
                                   name_of(array.dtype())));
  }
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                   row->text, array.shape().str());
  header.resize((kPrefix + header.size()) / kAlignment * kAlignment + kAlignment - kPrefix, ' ');
  header.back() = '\n';

  Bytes bytes(kPrefix + header.size() + array.nbytes());
  const auto length = static_cast<unsigned>(header.size());
  std::memcpy(bytes.data(), "\x93NUMPY\x01\x00", 8);
  bytes[8] = static_cast<std::byte>(length & 0xff);
  bytes[9] = static_cast<std::byte>(length >> 8);
  std::memcpy(bytes.data() + kPrefix, header.data(), header.size());
  if (array.nbytes() > 0) {
    std::memcpy(bytes.data() + kPrefix + header.size(), array.raw(), array.nbytes());
  }
  return bytes;
}

}  // namespace banach::formats
