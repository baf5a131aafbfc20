#include <banach/core/errors.hpp>
#include <banach/formats/hdf5_reader.hpp>
#include <banach/formats/zip.hpp>
#include <banach/formats/zip_name.hpp>

#include "../support/memory.hpp"
#include "../support/temp_dir.hpp"
#include "raw_zip.hpp"

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

const Bytes kData = bytes_of("twelve bytes");

// Every member's name and content: what an archive means.
std::vector<std::pair<std::string, Bytes>> read_all(const Bytes& bytes) {
  ZipReader archive(bytes, "seed.zip");
  std::vector<std::pair<std::string, Bytes>> content;
  for (const ZipMember& member : archive.members()) {
    content.emplace_back(member.name, archive.read(member.name));
  }
  return content;
}

RawMember changed(void (*change)(RawMember&)) {
  RawMember member("a", kData);
  change(member);
  return member;
}

// The bytes of a deflate stream, without gzip's frame.
Bytes deflated(const Bytes& bytes) {
  const Bytes packed = gzip(bytes);
  return {packed.begin() + 10, packed.end() - 8};
}

}  // namespace

TEST_CASE("write_zip then ZipReader gives the members back, in order") {
  const Bytes large(200'000, std::byte{3});
  const Bytes bytes =
      write_zip({{"z.json", kData, false}, {"a/b.bin", large, true}, {"empty", {}}});
  CHECK(bytes.size() < 2000);
  ZipReader archive(bytes, "test.zip");
  REQUIRE(archive.members().size() == 3);
  CHECK(archive.members()[0].name == "z.json");
  CHECK(archive.members()[0].stored_size == kData.size());
  CHECK(archive.members()[1].size == large.size());
  CHECK(archive.read("z.json") == kData);
  CHECK(archive.read("a/b.bin") == large);
  CHECK(archive.read("a/b.bin") == large);
  CHECK(archive.read("empty").empty());
  CHECK(archive.contains("empty"));
  CHECK_FALSE(archive.contains("none"));
  CHECK_THROWS_AS(archive.read("none"), NotFound);
}

TEST_CASE("write_zip is reproducible, and an archive may be empty") {
  const std::vector<ZipEntry> entries{{"a", kData}, {"b", kData, false}};
  CHECK(write_zip(entries) == write_zip(entries));
  CHECK(read_all(write_zip({})).empty());
}

TEST_CASE("a ZipReader can be moved") {
  ZipReader first(write_zip({{"a", kData}}), "test.zip");
  ZipReader second = std::move(first);
  CHECK(second.read("a") == kData);
}

TEST_CASE("names that lead outside are refused, written or read") {
  for (const std::string name :
       {"../x", "a/../../x", "/etc/x", "a\\b", "..", "", "a\nb", "a/..", "\xFF", "a\xC3"}) {
    INFO("name ", name);
    CHECK_FALSE(is_safe_member_name(name));
    CHECK_THROWS_AS(write_zip({{name, kData}}), InvalidArgument);
    CHECK_THROWS_AS(read_all(raw_zip({RawMember(name, kData)})), Corruption);
  }
  for (const char* name : {"a", "a/b", "..a", "a..", "vars/0", "\xc3\xa9"}) {
    CHECK(is_safe_member_name(name));
  }
  CHECK_THROWS_AS(write_zip({{"a", kData}, {"a", kData}}), InvalidArgument);
}

TEST_CASE("ZipReader reads an archive made by hand") {
  CHECK(read_all(raw_zip({RawMember("a", kData), RawMember("b", {})})).size() == 2);
  CHECK(read_all(raw_zip({RawMember("a", kData)}, "a comment")).size() == 1);
  RawMember packed("p", deflated(kData));
  packed.method = 8;
  packed.size = static_cast<std::uint32_t>(kData.size());
  packed.crc = RawMember("a", kData).crc;
  CHECK(read_all(raw_zip({packed}))[0].second == kData);
}

TEST_CASE("ZipReader refuses members that lie") {
  const std::vector<void (*)(RawMember&)> lies{
      [](RawMember& m) { m.local_name = "b"; },
      [](RawMember& m) { m.crc ^= 1; },
      [](RawMember& m) { m.size += 1; },
      [](RawMember& m) { m.size = m.stored_size = 1'000'000; },
      [](RawMember& m) { m.size = m.stored_size = 5; },
      [](RawMember& m) { m.size = m.stored_size = 0xffffffff; },
      [](RawMember& m) { m.method = 8; },
      [](RawMember& m) { m.method = 99; },
      [](RawMember& m) { m.flags = 1; },        // encrypted
      [](RawMember& m) { m.offset = 0; },       // no local header
      [](RawMember& m) { m.offset = 0xfffff; }  // outside
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    INFO("lie ", i);
    CHECK_THROWS_AS(read_all(raw_zip({changed(lies[i])})), Error);
  }
  CHECK_THROWS_AS(read_all(raw_zip({changed([](RawMember& m) { m.method = 12; })})), NotSupported);
  CHECK_THROWS_AS(read_all(raw_zip({changed([](RawMember& m) { m.flags = 1; })})), NotSupported);
  CHECK_THROWS_AS(read_all(raw_zip({RawMember("a", kData), RawMember("a", kData)})), Corruption);
}

TEST_CASE("ZipReader refuses a name with a zero byte, and links") {
  CHECK_THROWS_AS(read_all(raw_zip({RawMember(std::string("a\0b", 3), kData)})), Corruption);
  RawMember member("a", kData);
  member.unix_mode = 0100644;
  CHECK(read_all(raw_zip({member})).size() == 1);
  member.unix_mode = 0120777;
  CHECK(error_of<Corruption>([&] { read_all(raw_zip({member})); }) ==
        "[seed.zip] member 0 is a symbolic link");
}

TEST_CASE("ZipReader refuses a second end record, wherever it stands") {
  const Bytes one = raw_zip({RawMember("a", kData)}), two = raw_zip({RawMember("b", kData)});
  CHECK_THROWS_AS(read_all(one + end_record(0, 0, 0)), Corruption);
  CHECK_THROWS_AS(read_all(one + two), Corruption);
  CHECK(error_of<Corruption>([&] { read_all(bytes_of("#!/bin/sh") + one); }).find("[seed.zip]") ==
        0);
  const std::string comment(as_text(two));
  CHECK_THROWS_AS(read_all(raw_zip({RawMember("a", kData)}, comment)), Corruption);
}

TEST_CASE("ZipReader believes the directory, not a data descriptor that lies") {
  RawMember member("a", kData);
  member.flags = 8;  // sizes and CRC follow the data
  member.data = kData + bytes_of("PK\x07\x08") + little(member.crc ^ 1, 4) +
                little(kData.size() + 1, 4) + little(kData.size() + 1, 4);
  CHECK(read_all(raw_zip({member}))[0].second == kData);
}

TEST_CASE("ZipReader refuses 64-bit sizes beyond reason") {
  RawMember member("a", kData);
  member.size = member.stored_size = 0xffffffff;
  const std::uint64_t huge = std::uint64_t{1} << 63;
  member.extra = little(1, 2) + little(16, 2) + little(huge, 8) + little(huge, 8);
  CHECK_THROWS_AS(read_all(raw_zip({member})), Corruption);
}

TEST_CASE("ZipReader refuses overlapping members") {
  // The inner member's header and data are part of the outer one's data.
  RawMember inner("inner", Bytes(1000));
  RawMember outer("outer", local_header(inner) + inner.data);
  inner.offset = static_cast<std::uint32_t>(local_header(outer).size());
  CHECK_THROWS_AS(read_all(raw_zip({outer, inner})), Corruption);
}

TEST_CASE("ZipReader refuses bombs before unpacking them") {
  RawMember bomb("bomb", deflated(Bytes(1'000'000)));
  bomb.method = 8;
  bomb.size = 0xfffffff0;
  CHECK(error_of<Corruption>([&] { read_all(raw_zip({bomb})); }).find("stored bytes can give") !=
        std::string::npos);
  const Bytes honest = write_zip({{"a", Bytes(60'000)}, {"b", Bytes(60'000)}});
  CHECK_NOTHROW(ZipReader(honest, "test.zip", 120'000));
  CHECK_THROWS_AS(ZipReader(honest, "test.zip", 119'999), Corruption);
}

TEST_CASE("ZipReader refuses damaged end records") {
  const Bytes good = raw_zip({RawMember("a", kData)});
  const std::size_t end = good.size() - 22;
  const auto body = [&](Bytes record) {
    return Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(end)) + record;
  };
  const std::size_t offset = 30 + 1 + kData.size(), size = 46 + 1;
  CHECK(read_all(body(end_record(1, size, offset))).size() == 1);
  CHECK_THROWS_AS(read_all(body({})), Corruption);
  CHECK_THROWS_AS(read_all(body(end_record(2, size, offset))), Corruption);
  CHECK_THROWS_AS(read_all(body(end_record(65535, size, offset))), Corruption);
  CHECK_THROWS_AS(read_all(body(end_record(1, size - 1, offset))), Corruption);
  CHECK_THROWS_AS(read_all(body(end_record(1, size, offset + 1))), Corruption);
  CHECK_THROWS_AS(read_all(body(end_record(1, size, 0xffffffff))), Corruption);
  CHECK_THROWS_AS(read_all(good + bytes_of("trailing")), Corruption);
  CHECK_THROWS_AS(read_all(bytes_of("no archive at all, but as long as an end record")),
                  Corruption);
  CHECK_THROWS_AS(read_all({}), Corruption);
}

TEST_CASE("ZipReader refuses more members than 65,535") {
  std::vector<ZipEntry> entries;
  for (int i = 0; i < 70'000; ++i) entries.push_back({std::to_string(i), {}, false});
  CHECK_THROWS_AS(ZipReader(write_zip(entries), "many.zip"), Corruption);
}

TEST_CASE("a damaged archive gives the same members or a typed error") {
  const Bytes seed = write_zip({{"a.npy", kData, false}, {"b.npy", kData + kData, true}});
  check_truncations(seed, read_all);
  CHECK(check_bit_flips(seed, read_all) > 0);
}

TEST_CASE("ZipReader opens a stored member where it lies, its CRC checked") {
  const TempDir folder;
  const Bytes large(3'000'000, std::byte{5});
  write_file_atomic(
      folder / "a.zip",
      write_zip({{"stored", large, false}, {"deflated", large, true}, {"e", {}, false}}));
  ZipReader archive{ByteSource(folder / "a.zip")};
  for (const std::string member : {"stored", "deflated"}) {
    const ByteSource bytes = archive.open(member);
    CHECK(bytes.name() == folder / "a.zip/" + member);
    CHECK(bytes.read(0, bytes.size()) == large);
  }
  CHECK(archive.open("e").size() == 0);
  CHECK_THROWS_AS(archive.open("none"), NotFound);
  RawMember wrong("a", kData);
  wrong.crc ^= 1;
  ZipReader damaged(raw_zip({wrong}), "seed.zip");
  CHECK(error_of<Corruption>([&] { damaged.open("a"); }) == "[seed.zip] member 'a' is damaged");
}

TEST_CASE("ZipReader reads a file without holding it") {
  const TempDir folder;
  constexpr std::size_t kSize = std::size_t{64} << 20, kSpare = std::size_t{8} << 20;
  const Bytes piece(1 << 20, std::byte{9});
  const PeakMemory memory;
  {
    ZipWriter writer(folder / "large.zip");
    writer.add("large", [&](const ByteSink& sink) {
      for (std::size_t i = 0; i < kSize; i += piece.size()) sink(piece);
    });
    writer.commit();
  }
  ZipReader archive{ByteSource(folder / "large.zip")};
  const ByteSource large = archive.open("large");
  CHECK(large.size() == kSize);
  CHECK(large.read(kSize - 1, 1)[0] == std::byte{9});
  CHECK(memory.growth() < kSpare);
}

TEST_CASE("what ZipWriter writes, ZipReader reads") {
  const TempDir folder;
  const auto write = [&](const std::string& file) {
    ZipWriter writer(folder / file);
    writer.add("config.json", kData);
    writer.add("empty", ByteSpan());
    writer.add("a/b", [](const ByteSink& sink) {
      sink(kData);
      sink(kData);
    });
    CHECK_THROWS_AS(writer.add("a/b", kData), InvalidArgument);
    CHECK_THROWS_AS(writer.add("../x", kData), InvalidArgument);
    writer.commit();
  };
  write("a.zip");
  write("b.zip");
  const Bytes bytes = read_file(folder / "a.zip");
  CHECK(bytes == read_file(folder / "b.zip"));
  const std::vector<std::pair<std::string, Bytes>> expected{
      {"config.json", kData}, {"empty", {}}, {"a/b", kData + kData}};
  CHECK(read_all(bytes) == expected);
  check_truncations(bytes, read_all);
  CHECK(check_bit_flips(bytes, read_all) > 0);
}

TEST_CASE("a piece of no bytes leaves a member's CRC as it is") {
  const TempDir folder;
  ZipWriter writer(folder / "a.zip");
  writer.add("m", [](const ByteSink& sink) {
    sink(as_bytes("first"));
    sink({});
    sink(as_bytes("second"));
  });
  writer.commit();
  ZipReader reader{ByteSource(folder / "a.zip")};
  CHECK(as_text(reader.read("m")) == "firstsecond");
}

TEST_CASE("a ZipWriter that is not committed leaves nothing") {
  const TempDir folder;
  {
    ZipWriter writer(folder / "a.zip");
    writer.add("a", kData);
  }
  CHECK(folder.entries() == 0);
}

TEST_CASE("ZipReader reads Keras' .keras, the weights where they lie") {
  ZipReader archive{ByteSource(std::string(BANACH_GOLDEN_DIR) + "/keras_small.keras")};
  REQUIRE(archive.members().size() == 3);
  CHECK(archive.members()[0].name == "metadata.json");
  CHECK(archive.members()[1].name == "config.json");
  CHECK(archive.members()[2].name == "model.weights.h5");
  CHECK(as_text(archive.read("config.json")).starts_with("{\"module\": \"keras\""));
  CHECK(Hdf5Reader(archive.open("model.weights.h5")).datasets().size() == 20);
}
