#include <banach/backend/cpu/convert.hpp>

#include <bit>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

template <class Half>
std::vector<Half> all_halves() {
  std::vector<Half> values;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    values.push_back(Half::from_bits(static_cast<std::uint16_t>(bits)));
  }
  return values;
}

// Floats of every exponent and sign, at and around the places where rounding turns.
Floats awkward_floats() {
  Floats values;
  for (std::uint32_t upper = 0; upper < 65536; upper += 7) {
    for (const std::uint32_t lower :
         {0U, 1U, 0x0FFFU, 0x1000U, 0x1001U, 0x7FFFU, 0x8000U, 0xFFFFU}) {
      values.push_back(std::bit_cast<float>(upper << 16 | lower));
    }
  }
  for (std::uint32_t half = 0; half < 0x7C00; ++half) {  // ties between neighbours in float16
    const float low = Float16::from_bits(static_cast<std::uint16_t>(half));
    const float high = Float16::from_bits(static_cast<std::uint16_t>(half + 1));
    values.push_back(half == 0x7BFF ? 65520.0F : (low + high) / 2);
  }
  return values;
}

template <class Half>
void check_conversions() {
  const Floats floats = awkward_floats();
  std::vector<Half> narrow(floats.size());
  cpu::convert(narrow.data(), floats.data(), static_cast<std::int64_t>(floats.size()));
  for (std::size_t i = 0; i < floats.size(); ++i) {
    CAPTURE(floats[i]);
    REQUIRE(narrow[i].bits() == Half(floats[i]).bits());
  }
  const std::vector<Half> halves = all_halves<Half>();
  Floats wide(halves.size());
  cpu::convert(wide.data(), halves.data(), static_cast<std::int64_t>(halves.size()));
  for (std::size_t i = 0; i < halves.size(); ++i) {
    CAPTURE(i);
    REQUIRE(std::bit_cast<std::uint32_t>(wide[i]) ==
            std::bit_cast<std::uint32_t>(float{halves[i]}));
  }
}

}  // namespace

TEST_CASE("vectors convert to the bits that numbers do, in every instruction set") {
  for_each_target([] {
    check_conversions<BFloat16>();
    check_conversions<Float16>();
  });
}
