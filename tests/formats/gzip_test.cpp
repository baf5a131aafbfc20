#include <banach/core/errors.hpp>
#include <banach/formats/gzip.hpp>

#include "samples.hpp"

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

const std::string kText = "Self-normalizing networks keep mean 0 and variance 1. 1. 1. 1.";

Bytes unpack(const Bytes& bytes) { return gunzip(bytes, "seed.gz"); }

}  // namespace

TEST_CASE("gunzip unpacks") {
  CHECK(as_text(unpack(gzip(as_bytes(kText)))) == kText);
  CHECK(unpack(gzip({})).empty());
  const Bytes large(300'000, std::byte{7});
  CHECK(unpack(gzip(large)) == large);
}

TEST_CASE("gunzip joins members") {
  const Bytes two = gzip(as_bytes("first ")) + gzip(as_bytes("second"));
  CHECK(as_text(unpack(two)) == "first second");
  CHECK(as_text(unpack(two + gzip({}))) == "first second");
}

TEST_CASE("gunzip refuses what is no gzip file") {
  CHECK_THROWS_AS(unpack({}), Corruption);
  CHECK_THROWS_AS(unpack(bytes_of("plain text, long enough to be a file")), Corruption);
  CHECK_THROWS_AS(unpack(bytes_of({0x1f, 0x8b})), Corruption);
  CHECK(error_of<Corruption>([] { unpack(bytes_of("x")); }).find("[seed.gz]") == 0);
}

TEST_CASE("gunzip refuses bytes after the last member") {
  const Bytes good = gzip(as_bytes(kText));
  CHECK_THROWS_AS(unpack(good + bytes_of("\n")), Corruption);
  CHECK_THROWS_AS(unpack(good + Bytes(512)), Corruption);
  CHECK_THROWS_AS(unpack(good + bytes_of({0x1f, 0x8b})), Corruption);
  CHECK_THROWS_AS(unpack(good + bytes_of({0x1f, 0x8b}) + Bytes(30)), Corruption);
}

TEST_CASE("gunzip checks CRC and length") {
  for (std::size_t from_end : {1, 4, 5, 8}) {
    Bytes bytes = gzip(as_bytes(kText));
    bytes[bytes.size() - from_end] ^= std::byte{0x10};
    CHECK_THROWS_AS(unpack(bytes), Corruption);
  }
}

TEST_CASE("gunzip stops at its limit") {
  const Bytes bomb = gzip(Bytes(10'000'000));
  CHECK(bomb.size() < 10'000);
  CHECK(gunzip(bomb, "bomb.gz", 10'000'000).size() == 10'000'000);
  for (std::uint64_t limit : {0ull, 1ull, 65'536ull, 9'999'999ull}) {
    CHECK_THROWS_AS(gunzip(bomb, "bomb.gz", limit), Corruption);
  }
  CHECK(gunzip(gzip({}), "empty.gz", 0).empty());
  CHECK(gunzip(bomb, "bomb.gz", ~0ull).size() == 10'000'000);
}

TEST_CASE("gunzip notices every truncation and survives every bit flip") {
  const Bytes seed = gzip(as_bytes(kText));
  check_truncations(seed, unpack);
  // Time, extra flags, system, the text flag and the padding of the last byte carry no content.
  CHECK(check_bit_flips(seed, unpack) >= 8 * static_cast<int>(seed.size() - 7));
}
