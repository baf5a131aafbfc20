#pragma once

#include <banach/formats/byte_source.hpp>
#include <banach/formats/posix.hpp>

#include <optional>
#include <string>

/// TFRecord, TensorFlow's file of records that grows at its end: each is its length, a checksum of
/// that, the bytes, and a checksum of those. Keras' and TensorBoard's logs are such files.
namespace banach::formats {

/// One record as it stands in a file.
Bytes encode_record(ByteSpan bytes);

/// A new file that records are appended to. Bytes are kept until there are many, or flush(); what a
/// full disk refused is kept too, so that a later flush() goes on where it stopped. Everything
/// throws IOError.
class RecordWriter {
 public:
  /// The file must not exist.
  explicit RecordWriter(const std::string& path);
  RecordWriter(RecordWriter&&) noexcept = default;
  RecordWriter& operator=(RecordWriter&&) = delete;
  ~RecordWriter();  ///< writes what is left, if it can

  void add(ByteSpan record);
  void flush();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Descriptor file_;
  Bytes waiting_;
};

/// The records of a file, one after the other, one in memory at a time.
class RecordReader {
 public:
  explicit RecordReader(ByteSource source) : source_(std::move(source)) {}

  /// Nothing at the end. Corruption, with the file and the byte where the record begins, for a
  /// checksum that does not fit and a record that the file ends in; NotSupported for one of more
  /// than 256 MiB.
  std::optional<Bytes> next();
  /// "logs/events..., the record at byte 24": the one that next() gave, for errors.
  std::string where() const;

 private:
  [[noreturn]] void fail(const std::string& reason) const;

  ByteSource source_;
  std::uint64_t begin_ = 0, end_ = 0;  // of the latest record
};

}  // namespace banach::formats
