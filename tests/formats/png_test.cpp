#include <banach/core/errors.hpp>
#include <banach/formats/png.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/memory.hpp>
#include <tests/support/temp_dir.hpp>

#include "samples.hpp"

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

Array parse(const Bytes& bytes) { return parse_png(bytes, "seed.png"); }

Bytes golden_file(const std::string& kind) {
  const auto bytes = std::as_bytes(golden("png.npz", kind + "/file").values<std::uint8_t>());
  return {bytes.begin(), bytes.end()};
}

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const auto& [key, array] : golden("png.npz")) {
    if (key.ends_with("/file")) names.push_back(key.substr(0, key.size() - 5));
  }
  return names;
}

Bytes big_endian(std::uint32_t value) {
  return bytes_of({static_cast<int>(value >> 24), static_cast<int>(value >> 16 & 255),
                   static_cast<int>(value >> 8 & 255), static_cast<int>(value & 255)});
}

Bytes chunk(const std::string& kind, const Bytes& data) {
  const Bytes checked = bytes_of(kind) + data;
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + checked +
         big_endian(static_cast<std::uint32_t>(crc));
}

Bytes deflated(const Bytes& bytes) {
  Bytes packed(compressBound(bytes.size()));
  uLongf size = packed.size();
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
            reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), 9);
  packed.resize(size);
  return packed;
}

// A gray picture that declares height x width and holds these scanlines.
Bytes gray_png(std::uint32_t height, std::uint32_t width, const Bytes& scanlines,
               const Bytes& more_chunks = {}, int depth = 8) {
  return bytes_of("\x89PNG\r\n\x1a\n") +
         chunk("IHDR", big_endian(width) + big_endian(height) + bytes_of({depth, 0, 0, 0, 0})) +
         more_chunks + chunk("IDAT", deflated(scanlines)) + chunk("IEND", {});
}

std::pair<std::string, std::vector<std::uint8_t>> value(const Bytes& bytes) {
  const Array image = parse(bytes);
  const auto values = image.values<std::uint8_t>();
  return {image.shape().str(), {values.begin(), values.end()}};
}

}  // namespace

TEST_CASE("parse_png reads every colour type, depth, interlacing and transparency") {
  CHECK(kinds().size() == 47);
  for (const std::string& kind : kinds()) {
    INFO(kind);
    CHECK(same(parse(golden_file(kind)), golden("png.npz", kind + "/pixels")));
  }
}

TEST_CASE("write_png then parse_png gives the picture back") {
  for (int channels = 1; channels <= 4; ++channels) {
    for (const Shape& size : {Shape{1, 1}, Shape{1, 300}, Shape{300, 1}, Shape{17, 9}}) {
      Array image(size.concat({channels}), uint8);
      std::uint32_t seed = 1;
      for (std::uint8_t& pixel : image.mutable_values<std::uint8_t>()) {
        pixel = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
      }
      CHECK(same(parse(write_png(image)), image));
    }
  }
  const Array flat = Array::of<std::uint8_t>({1, 2, 3, 4, 5, 6}, {2, 3});
  CHECK(same(parse(write_png(flat)), flat.reshape({2, 3, 1})));
}

TEST_CASE("save_png and load_png go through a file") {
  const TempDir dir;
  const Array image = Array::of<std::uint8_t>({1, 2, 3, 4, 5, 6}, {1, 2, 3});
  save_png(dir / "a.png", image);
  CHECK(dir.entries() == 1);
  CHECK(same(load_png(dir / "a.png"), image));
  write_file_atomic(dir / "b.png", bytes_of("no picture"));
  CHECK(error_of<Corruption>([&] { load_png(dir / "b.png"); }) ==
        "[" + dir / "b.png" + "] expected a PNG file, received 10 bytes that begin otherwise");
  CHECK_THROWS_AS(load_png(dir / "c.png"), NotFound);
}

TEST_CASE("write_png refuses what is no picture") {
  for (const Array& array :
       {Array({2, 2, 3}), Array({2, 2, 5}, uint8), Array({2, 2, 0}, uint8), Array({0, 2, 1}, uint8),
        Array({4}, uint8), Array({1, 2, 2, 1}, uint8)}) {
    CHECK_THROWS_AS(write_png(array), InvalidArgument);
  }
}

TEST_CASE("a damaged PNG gives the same picture or a typed error") {
  for (const char* kind : {"color3_depth4_alpha", "color2_depth16_interlaced", "pil_L"}) {
    const Bytes seed = golden_file(kind);
    check_truncations(seed, parse);
    // Signature, lengths, kinds, data and CRCs all matter.
    CHECK(check_bit_flips(seed, value) == static_cast<int>(8 * seed.size()));
  }
}

TEST_CASE("a PNG that declares more than it holds takes no memory") {
  const PeakMemory memory;
  const Bytes row = bytes_of({0, 7});
  const auto text = [](const Bytes& bytes) { return error_of<Corruption>([&] { parse(bytes); }); };
  CHECK(text(gray_png(50'000, 50'000, row))
            .find("declares 50000 x 50000 pixels, more than the "
                  "1073741824 bytes allowed") != std::string::npos);
  CHECK(text(gray_png(0x7fffffff, 0x7fffffff, row)).find("allowed") != std::string::npos);
  CHECK(text(gray_png(10'000, 10'000, row)).find("bytes can hold") != std::string::npos);
  CHECK(text(gray_png(2, 1, row)).find("Not enough image data") != std::string::npos);
  CHECK(text(gray_png(0, 1, row)).find("[seed.png] the PNG file is damaged near byte 33: ") == 0);
  CHECK(text(gray_png(0x80000000, 1, row)).find("damaged") != std::string::npos);
  CHECK(static_cast<std::int64_t>(memory.growth()) < std::int64_t{8} << 20);
  CHECK_THROWS_AS(parse_png(gray_png(100, 100, Bytes(10'100)), "limit", 9'999), Corruption);
  CHECK(parse_png(gray_png(100, 100, Bytes(10'100)), "limit", 10'000).size() == 10'000);
}

TEST_CASE("what a PNG holds beside its pixels is not looked at, but its CRC is") {
  const Bytes row = bytes_of({0, 7});
  const Bytes bomb = bytes_of("Text") + bytes_of({0, 0}) + deflated(Bytes(50'000'000));
  const Bytes texts = chunk("zTXt", bomb) + chunk("iCCP", bytes_of("no profile")) +
                      chunk("gAMA", bytes_of({1})) + chunk("prVt", bytes_of("private"));
  const PeakMemory memory;
  CHECK(same(parse(gray_png(1, 1, row, texts)), Array::of<std::uint8_t>({7}, {1, 1, 1})));
  CHECK(static_cast<std::int64_t>(memory.growth()) < std::int64_t{8} << 20);
  Bytes damaged = gray_png(1, 1, row, chunk("tEXt", bytes_of("Text")));
  damaged[8 + 25 + 8] ^= std::byte{1};  // signature, IHDR, length and kind
  CHECK_THROWS_AS(parse(damaged), Corruption);
  CHECK_THROWS_AS(parse(gray_png(1, 1, row, chunk("PRvT", {}))), Corruption);  // critical, unknown
}

TEST_CASE("bytes behind a PNG's end are ignored") {
  const Bytes good = gray_png(1, 1, bytes_of({0, 7}));
  CHECK(value(good + bytes_of("trailer")) == value(good));
}
