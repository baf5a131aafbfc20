#pragma once

#include <banach/formats/file.hpp>

#include <utility>

namespace banach::formats {

/// Little-endian fields of a file, one after the other; the counterpart of FieldReader.
class FieldWriter {
 public:
  void u8(std::uint64_t value) { number(value, 1); }
  void u16(std::uint64_t value) { number(value, 2); }
  void u32(std::uint64_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void number(std::uint64_t value, int width) {
    for (; width > 0; --width, value >>= 8) bytes_.push_back(static_cast<std::byte>(value & 0xff));
  }
  void put(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void text(std::string_view text) { put(as_bytes(text)); }
  void zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }
  /// To a multiple, counted from the first byte written.
  void align(std::size_t alignment) { zeros((alignment - bytes_.size() % alignment) % alignment); }

  std::size_t size() const { return bytes_.size(); }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

}  // namespace banach::formats
