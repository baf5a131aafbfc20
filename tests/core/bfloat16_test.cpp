#include <banach/core/array.hpp>
#include <banach/core/bfloat16.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace banach;

TEST_CASE("bfloat16 rounds to nearest, ties to even") {
  CHECK(BFloat16(1.0F).bits() == 0x3F80);
  CHECK(float{BFloat16(1.0F + 0x1p-8F)} == 1.0F);                 // a tie, down to even
  CHECK(float{BFloat16(1.0F + 0x1p-7F + 0x1p-8F)} == 1.015625F);  // a tie, up to even
  CHECK(float{BFloat16(1.0F + 0x1p-8F + 0x1p-20F)} == 1.0078125F);
  CHECK(float{BFloat16(-3.0)} == -3.0F);
  CHECK(float{BFloat16(1)} == 1.0F);
}

TEST_CASE("bfloat16 keeps infinities, NaN and signed zeros") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  CHECK(float{BFloat16(kInfinity)} == kInfinity);
  CHECK(float{BFloat16(std::numeric_limits<float>::max())} == kInfinity);
  CHECK(std::isnan(float{BFloat16(std::nanf(""))}));
  CHECK(std::isnan(float{BFloat16(std::bit_cast<float>(0x7F800001U))}));  // payload in the low half
  CHECK(std::signbit(float{BFloat16(-0.0F)}));
}

TEST_CASE("every bfloat16 comes back from float as it was") {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const BFloat16 value = BFloat16::from_bits(static_cast<std::uint16_t>(bits));
    if (std::isnan(float{value})) continue;
    REQUIRE(BFloat16(float{value}).bits() == bits);
  }
}

TEST_CASE("arrays of bfloat16 convert, calculate and report as the others do") {
  const Array x = Array::of<float>({1, -2.5F, 0.3F}).astype(bfloat16);
  CHECK(x.nbytes() == 6);
  CHECK(x.str() == "Array(shape=(3,), dtype=bfloat16)");
  CHECK(x.flat(1) == -2.5);
  CHECK((x * 2.0).flat(0) == 2);
  CHECK((x + x).dtype() == bfloat16);
  CHECK(argmax(x.reshape({1, 3})).flat(0) == 0);
  CHECK(std::abs(x.astype(float32).flat(2) - 0.3) < 1e-3);
}
