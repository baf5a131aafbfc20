#include <banach/core/errors.hpp>
#include <banach/formats/event_file.hpp>
#include <banach/formats/protobuf.hpp>

#include "../support/file_size_limit.hpp"
#include "../support/golden.hpp"
#include "../support/temp_dir.hpp"
#include "samples.hpp"

#include <cmath>
#include <filesystem>
#include <limits>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;
using doctest::Contains;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

ByteSource golden_events() { return {bytes_of(golden_text("events.tfevents")), "golden"}; }

std::vector<Event> read_all(const ByteSource& source) {
  EventReader reader(source);
  std::vector<Event> events;
  while (auto event = reader.next()) events.push_back(std::move(*event));
  return events;
}

// What make_goldens.py has TensorFlow write.
std::vector<Event> expected_events() {
  const Array values =
      Array::of<float>({0, 1, 0.3F, -1, 0.1F, 0.7F, 1.F / 3, 1.F / 3, -0.85F, 1e-3F});
  Summary lines = text_summary("lines", "one");
  lines.texts = {"one", "", "three"};
  std::vector<Event> events = {
      {.file_version = "brain.Event:2", .writer = "tensorflow.core.util.events_writer"},
      {.step = 0, .summaries = {scalar_summary("epoch_loss", 0.1)}},
      {.step = 300, .summaries = {scalar_summary("epoch_loss", -2.5)}},
      {.step = 1, .summaries = {histogram_summary("dense/kernel/histogram", values)}},
      {.step = 1, .summaries = {histogram_summary("same", Array::full({3}, 2.5))}},
      {.step = 1, .summaries = {histogram_summary("none", Array({0}))}},
      {.step = 2, .summaries = {text_summary("notes", "h\xC3\xA9llo *you*")}},
      {.step = 2, .summaries = {lines}},
      {.step = 0, .summaries = {keras_model_summary("keras", "{\"a\": 1}")}}};
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].wall_time = 1700000000.25 + static_cast<double>(i);
  }
  return events;
}

Bytes file_of(const std::vector<Event>& events) {
  Bytes bytes;
  for (const Event& event : events) bytes = bytes + encode_record(encode_event(event));
  return bytes;
}

double total(const Array& buckets) {
  double sum = 0;
  for (std::int64_t i = 0; i < buckets.dim(0); ++i) sum += buckets.at({i, 2});
  return sum;
}

}  // namespace

TEST_CASE("events are written as TensorFlow writes them, byte for byte") {
  CHECK(file_of(expected_events()) == bytes_of(golden_text("events.tfevents")));
}

TEST_CASE("events of TensorFlow are read, and written again they are the same bytes") {
  const std::vector<Event> events = read_all(golden_events()), expected = expected_events();
  REQUIRE(events.size() == expected.size());
  CHECK(events[0].file_version == "brain.Event:2");
  for (std::size_t i = 1; i < events.size(); ++i) {
    INFO("event ", i);
    const Summary &a = events[i].summaries.at(0), &b = expected[i].summaries[0];
    CHECK(events[i].wall_time == expected[i].wall_time);
    CHECK(events[i].step == expected[i].step);
    CHECK(a.tag == b.tag);
    CHECK(a.plugin == b.plugin);
    CHECK(a.plugin_content == b.plugin_content);
    CHECK(same(a.numbers, b.numbers));
    CHECK(a.texts == b.texts);
  }
  CHECK(file_of(events) == bytes_of(golden_text("events.tfevents")));
}

TEST_CASE("a histogram counts what is finite, of any type") {
  const float nan = std::nanf("");
  const Summary odd =
      histogram_summary("w", Array::of<float>({nan, 1, kInfinity, 2, -kInfinity, 4}));
  CHECK(total(odd.numbers) == 3);
  CHECK(odd.numbers.at({0, 0}) == 1);
  CHECK(odd.numbers.at({29, 1}) == 4);
  CHECK(total(histogram_summary("w", Array::of<float>({nan, nan})).numbers) == 0);
  const Summary huge = histogram_summary("w", Array::of<double>({-1.7e308, 1.7e308}));
  CHECK(total(huge.numbers) == 2);
  const Summary tiny = histogram_summary("w", Array::of<double>({0, 5e-324}));
  CHECK(total(tiny.numbers) == 2);
  for (const DType dtype : {float64, int32, int64, uint8, bfloat16, float16}) {
    const Array values = Array::of<float>({0, 3, 60}).astype(dtype);
    CHECK(same(histogram_summary("w", values).numbers,
               histogram_summary("w", values.astype(float32)).numbers));
  }
}

TEST_CASE("other writers' scalars are read: simple_value and single numbers") {
  const auto event_of = [](const ProtobufWriter& value) {
    ProtobufWriter summary, event;
    summary.put(1, value);
    event.put(5, summary);
    return decode_event(event.bytes(), "here").summaries.at(0);
  };
  const Bytes half = bytes_of({0, 0, 0, 0x3f}), fraction = bytes_of({0x15}) + half;
  ProtobufWriter tensor, value;
  tensor.number(1, 1);
  tensor.put(2, Bytes{});
  tensor.put(5, half);  // float_val, packed
  value.text(1, "loss");
  value.put(8, tensor);
  CHECK(event_of(value).tag == "loss");
  CHECK(same(event_of(value).numbers, Array::full({}, 0.5)));

  const Bytes simple = bytes_of({0x2a, 7, 0x0a, 5}) + fraction;
  CHECK(same(decode_event(simple, "here").summaries.at(0).numbers, Array::full({}, 0.5)));
}

TEST_CASE("the file's name is TensorFlow's, and its tags are text") {
  const TempDir folder;
  EventWriter writer(folder / "a/train"), second(folder / "a/train");
  const std::string name = std::filesystem::path(writer.path()).filename();
  CHECK(name.starts_with("events.out.tfevents."));
  CHECK(name.ends_with(".v2"));
  CHECK(second.path() != writer.path());
  CHECK_THROWS_WITH_AS(writer.scalar("\xFF", 1, 0), Contains("UTF-8"), InvalidArgument);
  writer.scalar("loss", 0.5, 7);
  writer.histogram("w", Array::of<float>({1, 2}), 8);
  writer.text("t", "", -1);
  writer.flush();
  const std::vector<Event> events = read_all(ByteSource(writer.path()));
  REQUIRE(events.size() == 4);
  CHECK(events[0].file_version == "brain.Event:2");
  CHECK(events[1].step == 7);
  CHECK(events[1].wall_time > 1.7e9);
  CHECK(events[2].summaries[0].plugin == "histograms");
  CHECK(events[3].step == -1);
  CHECK(events[3].summaries[0].texts == std::vector<std::string>{""});
}

TEST_CASE("a folder that cannot be made and a full disk are IOErrors") {
  const TempDir folder;
  write_file_atomic(folder / "file", {});
  CHECK_THROWS_WITH_AS(EventWriter(folder / "file/train"), Contains("cannot make the folder"),
                       IOError);
  EventWriter writer(folder / "train");
  {
    const FileSizeLimit full(100);
    writer.scalar("loss", 0.5, 1);
    CHECK_THROWS_WITH_AS(writer.flush(), Contains("File too large"), IOError);
  }
  writer.flush();  // there is room again
  CHECK(read_all(ByteSource(writer.path())).at(1).step == 1);
}

TEST_CASE("a damaged file is refused at every bit and every byte") {
  const Bytes seed = file_of({expected_events()[1], expected_events()[7]});
  const auto parse = [](const Bytes& bytes) { return file_of(read_all({bytes, "seed"})); };
  CHECK(check_bit_flips(seed, parse) == static_cast<int>(8 * seed.size()));
}

TEST_CASE("messages that lie behind a right checksum end in a value or in Corruption") {
  for (const Event& event : expected_events()) {
    const Bytes seed = encode_event(event);
    int refused = 0;
    const auto try_to_read = [&](const Bytes& bytes) {
      try {
        decode_event(bytes, "seed");
      } catch (const Corruption& error) {
        CHECK(std::string_view(error.what()).starts_with("[seed] "));
        ++refused;
      }
    };
    for (std::size_t bit = 0; bit < 8 * seed.size(); ++bit) {
      Bytes damaged = seed;
      damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      try_to_read(damaged);
    }
    for (std::size_t size = 1; size < seed.size(); ++size) {
      try_to_read(Bytes(seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(size)));
    }
    CHECK(refused > 0);
  }
}

TEST_CASE("an event that claims much is refused for what it has") {
  const auto event_of = [](const Bytes& dims, int type) {
    ProtobufWriter tensor, value, summary, event;
    tensor.number(1, static_cast<std::uint64_t>(type));
    tensor.put(2, dims);
    tensor.put(4, Bytes(4));
    value.put(8, tensor);
    summary.put(1, value);
    event.put(5, summary);
    return event.bytes();
  };
  const Bytes large = bytes_of({0x12, 6, 8, 0xff, 0xff, 0xff, 0xff, 0x7f});  // 2^35 - 1
  const Bytes negative =
      bytes_of({0x12, 11, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1});
  CHECK_THROWS_WITH_AS(decode_event(event_of(large, 1), "here"), Contains("has 4 bytes"),
                       Corruption);
  CHECK_THROWS_AS(decode_event(event_of(large + large, 1), "here"), Corruption);
  CHECK_THROWS_WITH_AS(decode_event(event_of(negative, 1), "here"), Contains("dimension of -1"),
                       Corruption);
  Bytes ranks;
  for (int i = 0; i < 9; ++i) ranks = ranks + bytes_of({0x12, 2, 8, 1});
  CHECK_THROWS_WITH_AS(decode_event(event_of(ranks, 1), "here"), Contains("8 dimensions"),
                       Corruption);

  ProtobufWriter many, event;
  for (int i = 0; i < 70'000; ++i) many.put(1, Bytes{});
  event.put(5, many);
  CHECK_THROWS_WITH_AS(decode_event(event.bytes(), "here"), Contains("65536 values"), Corruption);
}
