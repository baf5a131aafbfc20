#include <banach/formats/zip_crc.hpp>

#include "../support/targets.hpp"
#include "samples.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

using namespace banach::formats;
using banach::testing::for_each_target;

TEST_CASE("zip_crc gives the standard's value") {
  CHECK(zip_crc(0, as_bytes("123456789")) == 0xCBF43926);  // the check value of CRC-32
  CHECK(zip_crc(0, {}) == 0);
}

TEST_CASE("zip_crc is zlib's for any size, start and what came before") {
  Bytes bytes(5000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::byte(i * i * 37 + (i >> 3));
  for_each_target([&] {
    for (const std::size_t size : {0, 1, 63, 64, 127, 128, 129, 191, 192, 1000, 4096, 4990}) {
      for (const std::uint32_t before : {0U, 1U, 0xFFFFFFFFU, 0x12345678U}) {
        const ByteSpan part(bytes.data() + 7, size);
        const auto expected =
            size == 0 ? before : crc32_z(before, reinterpret_cast<const Bytef*>(part.data()), size);
        CHECK(zip_crc(before, part) == expected);
      }
    }
    const ByteSpan whole(bytes);
    CHECK(zip_crc(zip_crc(0, whole.first(1234)), whole.subspan(1234)) == zip_crc(0, whole));
  });
}
