#include <banach/core/errors.hpp>
#include <banach/formats/event_file.hpp>
#include <banach/formats/utf8.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>

#include <limits.h>
#include <unistd.h>

namespace banach::formats {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, HOST_NAME_MAX) == 0 && name[0] != 0 ? name : "localhost";
}

// As TensorFlow calls it (tensorflow/core/util/events_writer.cc). TensorBoard reads the files of a
// folder in the order of their names.
std::string new_file(const std::string& folder) {
  static std::atomic<unsigned> counter = 0;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw_system_error("write_file", "make the folder", folder, error.value());
  const std::string name =
      fmt::format("events.out.tfevents.{:010}.{}.{}.{}.v2", static_cast<std::int64_t>(now()),
                  host_name(), ::getpid(), counter++);
  return (std::filesystem::path(folder) / name).string();
}

}  // namespace

EventWriter::EventWriter(const std::string& folder) : records_(new_file(folder)) {
  records_.add(encode_event(
      {.wall_time = now(), .file_version = "brain.Event:2", .writer = "banach", .summaries = {}}));
  flush();
}

void EventWriter::add(Summary summary, std::int64_t step) {
  if (!is_utf8(summary.tag)) {
    throw InvalidArgument(fmt::format("[{}] a tag is no UTF-8", records_.path()));
  }
  Event event{.wall_time = now(), .step = step};
  event.summaries.push_back(std::move(summary));
  records_.add(encode_event(event));
}

void EventWriter::scalar(const std::string& tag, double value, std::int64_t step) {
  add(scalar_summary(tag, value), step);
}

void EventWriter::histogram(const std::string& tag, const Array& values, std::int64_t step) {
  add(histogram_summary(tag, values), step);
}

void EventWriter::text(const std::string& tag, const std::string& text, std::int64_t step) {
  add(text_summary(tag, text), step);
}

void EventWriter::flush() { records_.flush(); }

std::optional<Event> EventReader::next() {
  const std::optional<Bytes> record = records_.next();
  if (!record) return std::nullopt;
  return decode_event(*record, records_.where());
}

}  // namespace banach::formats
