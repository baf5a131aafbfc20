#pragma once

#include <banach/core/host_device.hpp>

#include <array>
#include <cstdint>

namespace banach {

/// Philox 4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3" (SC 2011): 128 random bits that depend on nothing but counter and key.
struct Philox {
  using Counter = std::array<std::uint32_t, 4>;
  using Key = std::array<std::uint32_t, 2>;

  static constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
  static constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
  static constexpr std::uint32_t kWeyl0 = 0x9E3779B9;  // the golden ratio
  static constexpr std::uint32_t kWeyl1 = 0xBB67AE85;  // sqrt(3) - 1
  static constexpr int kRounds = 10;

  /// The keys of all rounds, which all blocks share; of 64 bits, as vectors take them.
  struct RoundKeys {
    explicit RoundKeys(const Key& key) {
      for (std::uint32_t round = 0; round < kRounds; ++round) {
        first[round] = std::uint32_t{key[0] + round * kWeyl0};
        second[round] = std::uint32_t{key[1] + round * kWeyl1};
      }
    }
    Key key() const {
      return {static_cast<std::uint32_t>(first[0]), static_cast<std::uint32_t>(second[0])};
    }
    std::array<std::uint64_t, kRounds> first, second;
  };

  BANACH_HOST_DEVICE static constexpr Counter generate(Counter c, Key k) {
    for (int round = 0; round < kRounds; ++round) {
      const std::uint64_t p0 = std::uint64_t{kMultiplier0} * c[0];
      const std::uint64_t p1 = std::uint64_t{kMultiplier1} * c[2];
      c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
           static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
      k = {k[0] + kWeyl0, k[1] + kWeyl1};
    }
    return c;
  }
};

}  // namespace banach
