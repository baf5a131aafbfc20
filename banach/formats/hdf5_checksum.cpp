#include <banach/formats/field_reader.hpp>
#include <banach/formats/hdf5_checksum.hpp>

#include <algorithm>
#include <bit>

namespace banach::formats {
namespace {

struct State {
  std::uint32_t a, b, c;

  void add(ByteSpan bytes) {  // up to 12
    std::uint32_t words[3] = {};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      words[i / 4] |= std::to_integer<std::uint32_t>(bytes[i]) << 8 * (i % 4);
    }
    a += words[0];
    b += words[1];
    c += words[2];
  }
  void mix() {
    a -= c, a ^= std::rotl(c, 4), c += b;
    b -= a, b ^= std::rotl(a, 6), a += c;
    c -= b, c ^= std::rotl(b, 8), b += a;
    a -= c, a ^= std::rotl(c, 16), c += b;
    b -= a, b ^= std::rotl(a, 19), a += c;
    c -= b, c ^= std::rotl(b, 4), b += a;
  }
  void finish() {
    c ^= b, c -= std::rotl(b, 14);
    a ^= c, a -= std::rotl(c, 11);
    b ^= a, b -= std::rotl(a, 25);
    c ^= b, c -= std::rotl(b, 16);
    a ^= c, a -= std::rotl(c, 4);
    b ^= a, b -= std::rotl(a, 14);
    c ^= b, c -= std::rotl(b, 24);
  }
};

}  // namespace

std::uint32_t hdf5_checksum(ByteSpan bytes) {
  const std::uint32_t start = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size());
  State state{start, start, start};
  while (bytes.size() > 12) {
    state.add(bytes.first(12));
    state.mix();
    bytes = bytes.subspan(12);
  }
  if (bytes.empty()) return state.c;
  state.add(bytes);
  state.finish();
  return state.c;
}

void check_hdf5_checksum(ByteSpan block, const std::string& where, const char* what) {
  const ByteSpan content = block.first(block.size() - sizeof(std::uint32_t));
  FieldReader fields(block.subspan(content.size()), where, what);
  if (fields.u32() != hdf5_checksum(content)) fields.fail("is damaged: its checksum is wrong");
}

}  // namespace banach::formats
