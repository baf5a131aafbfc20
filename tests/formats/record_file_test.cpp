#include <banach/core/errors.hpp>
#include <banach/formats/crc32c.hpp>
#include <banach/formats/field_writer.hpp>
#include <banach/formats/record_file.hpp>

#include "../support/memory.hpp"
#include "../support/temp_dir.hpp"
#include "samples.hpp"

#include <filesystem>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;
using doctest::Contains;

namespace {

using Texts = std::vector<std::string>;

Texts read_all(const ByteSource& source) {
  RecordReader reader(source);
  Texts records;
  while (const auto record = reader.next()) records.emplace_back(as_text(*record));
  return records;
}

Texts parse(const Bytes& bytes) { return read_all(ByteSource(bytes, "seed")); }

Bytes file_of(const Texts& records) {
  Bytes bytes;
  for (const std::string& record : records) bytes = bytes + encode_record(as_bytes(record));
  return bytes;
}

}  // namespace

TEST_CASE("CRC-32C gives the values of RFC 3720, B.4") {
  Bytes ascending;
  for (int i = 0; i < 32; ++i) ascending.push_back(static_cast<std::byte>(i));
  CHECK(crc32c({}) == 0);
  CHECK(crc32c(Bytes(32)) == 0x8a9136aa);
  CHECK(crc32c(Bytes(32, std::byte{0xff})) == 0x62a8ab43);
  CHECK(crc32c(ascending) == 0x46dd794e);
  CHECK(crc32c(as_bytes("123456789")) == 0xe3069283);
}

TEST_CASE("records are appended, and are in the file after flush or the end") {
  const TempDir folder;
  const std::string path = folder / "records";
  {
    RecordWriter writer(path);
    writer.add(as_bytes("one"));
    CHECK(read_all(ByteSource(path)).empty());
    writer.flush();
    CHECK(read_all(ByteSource(path)) == Texts{"one"});
    writer.add({});
    writer.add(as_bytes("three"));
  }
  CHECK(read_all(ByteSource(path)) == Texts{"one", "", "three"});
  CHECK_THROWS_WITH_AS(RecordWriter{path}, Contains("File exists"), IOError);
}

TEST_CASE("many records do not wait in memory") {
  const TempDir folder;
  RecordWriter writer(folder / "records");
  const Bytes record(1000);
  for (int i = 0; i < 1000; ++i) writer.add(record);
  CHECK(std::filesystem::file_size(writer.path()) > 900'000);
}

TEST_CASE("every damaged bit of a record is noticed, and where the record begins") {
  const Bytes seed = file_of({"first", "", "the third"});
  CHECK(check_bit_flips(seed, parse) == static_cast<int>(8 * seed.size()));
  Bytes damaged = seed;
  damaged[21 + 16 + 12] ^= std::byte{1};
  CHECK(error_of<Corruption>([&] { parse(damaged); }) ==
        "[seed, the record at byte 37] its checksum does not fit");
  damaged[37] ^= std::byte{1};
  CHECK(error_of<Corruption>([&] { parse(damaged); }) ==
        "[seed, the record at byte 37] the checksum of its length does not fit");
}

TEST_CASE("a file that ends within a record is refused, between two it is a shorter one") {
  const Bytes seed = file_of({"first", "", "the third"});
  for (std::size_t length = 0; length < seed.size(); ++length) {
    INFO("truncated to ", length, " bytes");
    const Bytes prefix(seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(length));
    if (length == 0 || length == 21 || length == 37) {
      CHECK(parse(prefix).size() == (length == 0 ? 0 : length == 21 ? 1 : 2));
    } else {
      CHECK_THROWS_WITH_AS(parse(prefix), Contains("ends too early"), Corruption);
    }
  }
}

TEST_CASE("a length is believed only as far as the file goes") {
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    FieldWriter length;
    length.u64(size);
    const std::uint32_t crc = crc32c(length.bytes());
    length.u32((crc >> 15 | crc << 17) + 0xa282ead8);
    length.zeros(4);
    const PeakMemory peak;
    CHECK_THROWS_WITH_AS(parse(length.bytes()), Contains("ends too early"), Corruption);
    CHECK(peak.growth() < (std::size_t{1} << 20));
  }
}
