#include <banach/core/philox.hpp>

#include <Random123/philox.h>
#include <doctest/doctest.h>

using banach::Philox;

TEST_CASE("Philox is Random123's philox4x32, block for block") {
  r123::Philox4x32 oracle;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const Philox::Counter counter = {i * 2654435761u, i ^ 0xFFFFFFFF, i << 16, ~(i * 40503u)};
    const Philox::Key key = {i * 69069u, 0x80000000 + i};
    const auto expected =
        oracle({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
    const Philox::Counter words = Philox::generate(counter, key);
    for (std::size_t w = 0; w < 4; ++w) REQUIRE(words[w] == expected[w]);
  }
}

TEST_CASE("Philox gives the known answers of the paper's library") {
  CHECK(Philox::generate({0, 0, 0, 0}, {0, 0}) ==
        Philox::Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xFFFFFFFF;
  CHECK(Philox::generate({ones, ones, ones, ones}, {ones, ones}) ==
        Philox::Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
}
