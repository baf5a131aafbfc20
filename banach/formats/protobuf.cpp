#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/protobuf.hpp>

#include <bit>
#include <fmt/format.h>

namespace banach::formats {
namespace {

enum WireType { kVarint = 0, kEightBytes = 1, kSized = 2, kFourBytes = 5 };

constexpr std::uint64_t kLargestField = (1u << 29) - 1;

}  // namespace

void ProtobufWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) fields_.u8((value & 0x7f) | 0x80);
  fields_.u8(value);
}

void ProtobufWriter::key(int field, int wire_type) {
  varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire_type));
}

void ProtobufWriter::number(int field, std::uint64_t value) {
  if (value == 0) return;
  key(field, kVarint);
  varint(value);
}

void ProtobufWriter::fixed64(int field, double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  if (bits == 0) return;
  key(field, kEightBytes);
  fields_.u64(bits);
}

void ProtobufWriter::text(int field, std::string_view value) {
  if (!value.empty()) put(field, as_bytes(value));
}

void ProtobufWriter::put(int field, ByteSpan bytes) {
  key(field, kSized);
  varint(bytes.size());
  fields_.put(bytes);
}

void ProtobufReader::fail(const std::string& reason) const {
  throw Corruption(fmt::format("[{}] the message {}", where_, reason));
}

ByteSpan ProtobufReader::take(std::uint64_t count) {
  if (count > bytes_.size()) {
    fail(fmt::format("ends too early: {} bytes expected, {} left", count, bytes_.size()));
  }
  const ByteSpan result = bytes_.first(count);
  bytes_ = bytes_.subspan(count);
  return result;
}

std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(take(1)[0]);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail("has a number of more than 10 bytes");
}

bool ProtobufReader::next() {
  if (bytes_.empty()) return false;
  const std::uint64_t key = varint();
  if (key >> 3 == 0 || key >> 3 > kLargestField) fail(fmt::format("has a field {}", key >> 3));
  field_ = static_cast<int>(key >> 3);
  wire_type_ = static_cast<int>(key & 7);
  content_ = {};
  switch (wire_type_) {
    case kVarint: number_ = varint(); return true;
    case kEightBytes: content_ = take(8); return true;
    case kSized: content_ = take(varint()); return true;
    case kFourBytes: content_ = take(4); return true;
    default: fail(fmt::format("has a field {} of wire type {}", field_, wire_type_));
  }
}

void ProtobufReader::expect(bool right, const char* what) const {
  if (!right) fail(fmt::format("has wire type {} in field {}, {}", wire_type_, field_, what));
}

std::uint64_t ProtobufReader::number() const {
  expect(wire_type_ == kVarint, "an integer");
  return number_;
}

ByteSpan ProtobufReader::bytes() const {
  expect(wire_type_ == kSized, "which is text, bytes or a message");
  return content_;
}

std::string ProtobufReader::text() const { return std::string(as_text(bytes())); }

double ProtobufReader::real() const {
  expect(wire_type_ == kEightBytes || wire_type_ == kFourBytes, "a real number");
  std::vector<double> value;
  reals(content_.size(), value);
  return value[0];
}

void ProtobufReader::reals(std::size_t width, std::vector<double>& values) const {
  expect(wire_type_ == kSized || content_.size() == width, "real numbers");
  FieldReader fields(content_, where_, "the field");
  while (fields.remaining() > 0) {
    const std::uint64_t bits = fields.number(width);
    values.push_back(width == 8 ? std::bit_cast<double>(bits)
                                : std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
}

}  // namespace banach::formats
