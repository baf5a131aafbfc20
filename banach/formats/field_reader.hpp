#pragma once

#include <banach/formats/file.hpp>

#include <string>

namespace banach::formats {

/// Little-endian fields of a block of bytes, one after the other. Each read is checked against the
/// block's end: Corruption "[where] <what> ends too early". Borrows all three arguments.
class FieldReader {
 public:
  FieldReader(ByteSpan bytes, const std::string& where, const char* what)
      : bytes_(bytes), where_(where), what_(what) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::uint64_t number(std::size_t width);  ///< an unsigned number of up to 8 bytes
  ByteSpan take(std::size_t count);
  void skip(std::size_t count) { take(count); }
  void align(std::size_t alignment);  ///< to a multiple, counted from the block's begin
  /// Corruption unless the next bytes are these.
  void signature(std::string_view expected);

  std::size_t remaining() const { return bytes_.size() - at_; }
  [[noreturn]] void fail(const std::string& reason) const;

 private:
  ByteSpan bytes_;
  const std::string& where_;
  const char* what_;
  std::size_t at_ = 0;
};

}  // namespace banach::formats
