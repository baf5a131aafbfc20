#pragma once

#include <banach/formats/field_writer.hpp>

#include <string>
#include <vector>

/// Protocol buffers' encoding (protobuf.dev/programming-guides/encoding), for the few messages of
/// TensorFlow's files.
namespace banach::formats {

/// A message, field by field. As proto3 does, a number of 0 and an empty text are left out.
class ProtobufWriter {
 public:
  void number(int field, std::uint64_t value);   ///< int32, int64, bool, enum
  void fixed64(int field, double value);         ///< double
  void text(int field, std::string_view value);  ///< string, and bytes
  void put(int field, ByteSpan bytes);           ///< bytes, also when there are none
  void put(int field, const ProtobufWriter& message) { put(field, message.bytes()); }

  const Bytes& bytes() const { return fields_.bytes(); }

 private:
  void varint(std::uint64_t value);
  void key(int field, int wire_type);

  FieldWriter fields_;
};

/// The fields of a message in the order in which they stand. Whatever is malformed ends in
/// Corruption "[where] the message ...". Borrows its arguments.
class ProtobufReader {
 public:
  ProtobufReader(ByteSpan bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  /// Moves to the next field; false at the end.
  bool next();
  int field() const { return field_; }
  std::uint64_t number() const;  ///< of a field that holds a varint
  double real() const;           ///< float or double
  ByteSpan bytes() const;        ///< string, bytes or a message
  std::string text() const;
  /// A repeated float or double: appends one value, or a packed run of them.
  void reals(std::size_t width, std::vector<double>& values) const;

  [[noreturn]] void fail(const std::string& reason) const;

 private:
  std::uint64_t varint();
  ByteSpan take(std::uint64_t count);
  void expect(bool right, const char* what) const;

  ByteSpan bytes_;  // from the next field on
  const std::string& where_;
  int field_ = 0, wire_type_ = 0;
  std::uint64_t number_ = 0;
  ByteSpan content_;
};

}  // namespace banach::formats
