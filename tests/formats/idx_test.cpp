#include <banach/core/errors.hpp>
#include <banach/formats/gzip.hpp>
#include <banach/formats/idx.hpp>

#include "samples.hpp"

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

Array parse(const Bytes& bytes) { return parse_idx(bytes, "seed.idx"); }

}  // namespace

TEST_CASE("parse_idx reads each type") {
  const Array images = parse(idx({2, 3}, bytes_of({1, 2, 3, 4, 5, 255})));
  CHECK(same(images, Array::of<std::uint8_t>({1, 2, 3, 4, 5, 255}, {2, 3})));
  CHECK(same(parse(bytes_of({0, 0, 0x0C, 1, 0, 0, 0, 2, 0, 0, 1, 2, 0xff, 0xff, 0xff, 0xfe})),
             Array::of<std::int32_t>({258, -2})));
  CHECK(same(parse(bytes_of({0, 0, 0x0D, 1, 0, 0, 0, 1, 0xbf, 0xc0, 0, 0})),
             Array::of<float>({-1.5f})));
  CHECK(same(parse(bytes_of({0, 0, 0x0E, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0})),
             Array::of<double>({1.5})));
  CHECK(parse(idx({0, 28, 28}, {})).shape() == Shape{0, 28, 28});
}

TEST_CASE("parse_idx refuses lying headers without allocating") {
  const Bytes one = bytes_of({1});
  CHECK_THROWS_AS(parse({}), Corruption);
  CHECK_THROWS_AS(parse(bytes_of({0x1f, 0x8b, 8, 1, 0, 0, 0, 1, 1})), Corruption);
  CHECK_THROWS_AS(parse(bytes_of({0, 0, 8, 0, 1})), Corruption);
  CHECK_THROWS_AS(parse(bytes_of({0, 0, 8, 255}) + Bytes(2000)), Corruption);
  CHECK_THROWS_AS(parse(bytes_of({0, 0, 7, 1, 0, 0, 0, 1, 1})), Corruption);
  CHECK_THROWS_AS(parse(idx({2}, one)), Corruption);
  CHECK_THROWS_AS(parse(idx({1}, one + one)), Corruption);
  CHECK_THROWS_AS(parse(idx({~0u}, one)), Corruption);
  CHECK_THROWS_AS(parse(idx({~0u, ~0u, ~0u, ~0u}, one)), Corruption);
  CHECK_THROWS_AS(parse(idx({~0u, ~0u, ~0u, 0}, {})), Corruption);
  CHECK_THROWS_AS(parse(idx({0x80000000, 0x80000000, 4}, {})), Corruption);  // 2^64 wraps to 0
  CHECK_THROWS_AS(parse(bytes_of({0, 0, 9, 1, 0, 0, 0, 1, 1})), NotSupported);
  CHECK_THROWS_AS(parse(bytes_of({0, 0, 11, 1, 0, 0, 0, 1, 1, 1})), NotSupported);
}

TEST_CASE("parse_idx says what it found") {
  CHECK(error_of<Corruption>([] {
          parse(idx({2, 3}, bytes_of({1, 2})));
        }) == "[seed.idx] the header says (2, 3) of uint8, 6 bytes, and 2 bytes follow it");
}

TEST_CASE("a damaged idx or idx.gz gives the same array or a typed error") {
  const Bytes plain = idx({2, 2, 2}, bytes_of({1, 2, 3, 4, 5, 6, 7, 8}));
  check_truncations(plain, parse);
  const auto unpacked = [](const Bytes& bytes) {
    const Array array = parse_idx(gunzip(bytes, "seed.gz"), "seed");
    const auto values = array.values<std::uint8_t>();
    return std::pair(array.shape().str(), std::vector(values.begin(), values.end()));
  };
  const Bytes packed = gzip(plain);
  check_truncations(packed, unpacked);
  CHECK(check_bit_flips(packed, unpacked) > 0);
}
