#pragma once

#include <banach/formats/event.hpp>
#include <banach/formats/record_file.hpp>

#include <optional>
#include <string>

namespace banach::formats {

/// A new file of events in a folder, which TensorBoard shows as one run:
/// `events.out.tfevents.<seconds>.<host>.<process>.<number>.v2`. Time stamps are those of the
/// calls. Everything throws IOError.
class EventWriter {
 public:
  /// Makes the folder, and those above it, when there is none.
  explicit EventWriter(const std::string& folder);

  void scalar(const std::string& tag, double value, std::int64_t step);
  void histogram(const std::string& tag, const Array& values, std::int64_t step);
  void text(const std::string& tag, const std::string& text, std::int64_t step);
  /// InvalidArgument for a tag that is no UTF-8.
  void add(Summary summary, std::int64_t step);

  void flush();  ///< until then, events may be in memory only
  const std::string& path() const { return records_.path(); }

 private:
  RecordWriter records_;
};

/// The events of a file, one after the other, one in memory at a time. The first says the file's
/// version. Corruption names the file and the byte where an event's record begins.
class EventReader {
 public:
  explicit EventReader(ByteSource source) : records_(std::move(source)) {}
  explicit EventReader(const std::string& path) : EventReader(ByteSource(path)) {}

  std::optional<Event> next();  ///< nothing at the end

 private:
  RecordReader records_;
};

}  // namespace banach::formats
