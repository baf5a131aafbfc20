#include <banach/core/array.hpp>
#include <banach/core/float16.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace banach;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// What the bits mean, by the definition.
double value_of(std::uint32_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const double fraction = bits & 1023;
  const double magnitude = exponent == 31  ? (fraction == 0 ? HUGE_VAL : std::nan(""))
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(1024 + fraction, exponent - 25);
  return bits < 0x8000 ? magnitude : -magnitude;
}

}  // namespace

TEST_CASE("float16 is what its bits say, and comes back from float as it was") {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    CAPTURE(bits);
    const Float16 value = Float16::from_bits(static_cast<std::uint16_t>(bits));
    const double expected = value_of(bits);
    if (std::isnan(expected)) {
      REQUIRE(std::isnan(float{value}));
      REQUIRE(std::isnan(float{Float16(float{value})}));
      continue;
    }
    REQUIRE(float{value} == expected);
    REQUIRE(std::signbit(float{value}) == (bits >= 0x8000));
    REQUIRE(Float16(float{value}).bits() == bits);
  }
}

TEST_CASE("float16 rounds to nearest, ties to even, also below its normal numbers") {
  for (std::uint32_t bits = 0; bits < 0x7BFF; ++bits) {
    CAPTURE(bits);
    const double low = value_of(bits), high = value_of(bits + 1);
    const auto middle = static_cast<float>((low + high) / 2);  // exact
    REQUIRE(Float16(middle).bits() == bits + bits % 2);
    REQUIRE(Float16(std::nextafter(middle, 0.0F)).bits() == bits);
    REQUIRE(Float16(std::nextafter(middle, kInfinity)).bits() == bits + 1);
    REQUIRE(Float16(-middle).bits() == 0x8000 + bits + bits % 2);
  }
}

TEST_CASE("float16 overflows to infinity, from half a step beyond 65504 on") {
  CHECK(float{Float16(std::nextafter(65520.0F, 0.0F))} == 65504.0F);
  CHECK(float{Float16(65520.0F)} == kInfinity);
  CHECK(float{Float16(-1e10)} == -kInfinity);
  CHECK(float{Float16(kInfinity)} == kInfinity);
  CHECK(std::isnan(float{Float16(std::nanf(""))}));
  CHECK(std::isnan(float{Float16(std::bit_cast<float>(0x7F800001U))}));  // payload in the low half
}

TEST_CASE("arrays of float16 convert, calculate and report as the others do") {
  const Array x = Array::of<float>({1, -2.5F, 0.3F}).astype(float16);
  CHECK(x.nbytes() == 6);
  CHECK(x.str() == "Array(shape=(3,), dtype=float16)");
  CHECK(x.flat(1) == -2.5);
  CHECK((x * 2.0).flat(0) == 2);
  CHECK((x + x).dtype() == float16);
  CHECK(argmax(x.reshape({1, 3})).flat(0) == 0);
  CHECK(std::abs(x.astype(float32).flat(2) - 0.3) < 2e-4);
  CHECK(x.astype(bfloat16).astype(float16).flat(1) == -2.5);
}
