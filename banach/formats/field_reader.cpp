#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>

#include <fmt/format.h>

namespace banach::formats {

void FieldReader::fail(const std::string& reason) const {
  throw Corruption(fmt::format("[{}] {} {}", where_, what_, reason));
}

ByteSpan FieldReader::take(std::size_t count) {
  if (count > remaining()) {
    fail(fmt::format("ends too early: {} bytes expected, {} left", count, remaining()));
  }
  const ByteSpan result = bytes_.subspan(at_, count);
  at_ += count;
  return result;
}

std::uint64_t FieldReader::number(std::size_t width) {
  std::uint64_t value = 0;
  const ByteSpan bytes = take(width);
  for (std::size_t i = width; i-- > 0;) value = value << 8 | std::to_integer<unsigned>(bytes[i]);
  return value;
}

void FieldReader::align(std::size_t alignment) { skip((alignment - at_ % alignment) % alignment); }

void FieldReader::signature(std::string_view expected) {
  if (as_text(take(expected.size())) != expected) {
    fail(fmt::format("has no signature '{}'", expected));
  }
}

}  // namespace banach::formats
