#include <banach/core/simd_targets.hpp>
#include <banach/formats/zip_crc.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/formats/zip_crc.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <zlib.h>

HWY_BEFORE_NAMESPACE();
namespace banach::formats {
namespace HWY_NAMESPACE {
namespace {

// zlib's takes 10 ms for the weights of the tutorial's network, more than reading them.
std::uint32_t zlib_crc(std::uint32_t crc, ByteSpan bytes) {
  if (bytes.empty()) return crc;  // zlib takes a null pointer as a wish to start anew
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(crc32_z(crc, data, bytes.size()));
}

#if HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::Full128<std::uint64_t>;
using Lanes = hn::Vec<Tag>;

HWY_INLINE Lanes load(const std::byte* from) {
  const hn::Full128<std::uint8_t> d;
  return hn::BitCast(Tag(), hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(from)));
}

HWY_INLINE void store(Lanes v, std::byte* to) {
  hn::StoreU(v, Tag(), reinterpret_cast<std::uint64_t*>(to));
}

// Replaces blocks of 64 bytes, of which the first is added to `state`, by 64 bytes of the same
// remainder. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
// Instruction" (Intel, 2009).
void fold(std::byte* state, const std::byte* bytes, std::size_t blocks) {
  alignas(16) constexpr std::uint64_t kShiftBy512[] = {0x154442bd4, 0x1c6e41596};
  const Lanes shift = hn::Load(Tag(), kShiftBy512);
  const auto next = [&](Lanes v, const std::byte* from) HWY_ATTR {
    return hn::Xor(load(from), hn::Xor(hn::CLMulLower(v, shift), hn::CLMulUpper(v, shift)));
  };
  Lanes a = hn::Xor(load(state), load(bytes)), b = load(bytes + 16);
  Lanes c = load(bytes + 32), d = load(bytes + 48);
  for (std::size_t i = 1; i < blocks; ++i) {
    bytes += 64;
    a = next(a, bytes);
    b = next(b, bytes + 16);
    c = next(c, bytes + 32);
    d = next(d, bytes + 48);
  }
  store(a, state);
  store(b, state + 16);
  store(c, state + 32);
  store(d, state + 48);
}

std::uint32_t crc_of(std::uint32_t crc, ByteSpan bytes) {
  const std::size_t blocks = bytes.size() / 64;
  if (blocks < 2) return zlib_crc(crc, bytes);
  // What came before is added to the first four bytes, inverted, and zlib inverts its argument too.
  std::array<std::byte, 64> state{};
  const std::uint32_t before = ~crc;
  std::memcpy(state.data(), &before, sizeof before);
  fold(state.data(), bytes.data(), blocks);
  return zlib_crc(zlib_crc(~0U, state), bytes.subspan(blocks * 64));
}

#else

std::uint32_t crc_of(std::uint32_t crc, ByteSpan bytes) { return zlib_crc(crc, bytes); }

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::formats
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::formats {

HWY_EXPORT(crc_of);

std::uint32_t zip_crc(std::uint32_t crc, ByteSpan bytes) {
  return HWY_DYNAMIC_DISPATCH(crc_of)(crc, bytes);
}

}  // namespace banach::formats
#endif
