// What goes around the caches has the bits of what does not.
#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/dropout.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/softmax.hpp>
#include <banach/backend/cpu/unary.hpp>
#include <banach/core/buffer.hpp>

#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

// Memory for `size` elements that begins at a whole vector.
template <class T>
struct Aligned {
  explicit Aligned(std::int64_t size)
      : buffer(Buffer::allocate(static_cast<std::size_t>(size) * sizeof(T))),
        data(reinterpret_cast<T*>(buffer.data())) {}
  Buffer buffer;
  T* data;
};

template <class Half>
void check_conversion(const Floats& x) {
  const auto size = static_cast<std::int64_t>(x.size());
  const Aligned<Half> halves(size);
  std::vector<Half> expected(x.size());
  convert(expected.data(), x.data(), size);
  convert(halves.data, x.data(), size, true);
  CHECK(std::memcmp(halves.data, expected.data(), x.size() * sizeof(Half)) == 0);
  const Aligned<float> wide(size);
  Floats back(x.size());
  convert(back.data(), expected.data(), size);
  convert(wide.data, expected.data(), size, true);
  CHECK(std::memcmp(wide.data, back.data(), x.size() * sizeof(float)) == 0);
}

constexpr std::int64_t kRows = 8200, kColumns = 1024;  // a little more than kStreamedBytes
constexpr std::int64_t kMany = kRows * kColumns;

// `kernel(y, x)` makes y around the caches, and x of itself within them.
template <class F>
void check_large(const F& kernel) {
  const Floats x = random_floats(kMany, 7);
  Floats in_place = x;
  const Aligned<float> y(kMany);
  REQUIRE(is_streamed(y.data, x.data(), kMany));
  REQUIRE(!is_streamed(in_place.data(), in_place.data(), kMany));
  kernel(y.data, x.data());
  kernel(in_place.data(), in_place.data());
  CHECK(std::memcmp(y.data, in_place.data(), in_place.size() * sizeof(float)) == 0);
}

}  // namespace

TEST_CASE("large results of other memory go around the caches where they begin at a vector") {
  const Aligned<float> to(32), from(32);
  const std::int64_t most = kStreamedBytes / std::int64_t{sizeof(float)};
  CHECK(is_streamed(to.data, from.data, most));
  CHECK(!is_streamed(to.data, from.data, most - 1));
  CHECK(!is_streamed(to.data, to.data, most));
  CHECK(!is_streamed(to.data + 1, from.data, most));
  CHECK(is_streamed(to.data, from.data, most / 16, 16));
  CHECK(!is_streamed(to.data, from.data, most / 8, 8));
}

TEST_CASE("functions and conversions give the same bits around the caches, at any size") {
  for_each_target([] {
    for (const std::int64_t size : {1, 15, 16, 17, 64, 1000}) {
      const Floats x = normal_floats(size, 3);
      check_conversion<BFloat16>(x);
      check_conversion<Float16>(x);
      const Aligned<float> y(size);
      Floats expected(x.size());
      find_unary("selu")(expected.data(), x.data(), size, 1.67F, 1.05F, false);
      find_unary("selu")(y.data, x.data(), size, 1.67F, 1.05F, true);
      CHECK(std::memcmp(y.data, expected.data(), x.size() * sizeof(float)) == 0);
      const Floats dy = normal_floats(size, 4);
      find_unary_grad("selu")(expected.data(), dy.data(), x.data(), size, 1.67F, 1.05F, false);
      find_unary_grad("selu")(y.data, dy.data(), x.data(), size, 1.67F, 1.05F, true);
      CHECK(std::memcmp(y.data, expected.data(), x.size() * sizeof(float)) == 0);
    }
  });
}

TEST_CASE("dropout and softmax give the same bits around the caches") {
  DropoutArguments p{.threshold = 6553, .a = 0.9F, .b = 0.1F, .c = -1};
  p.key = {3, 4};
  for_each_target([&] {
    check_large([&](float* y, const float* x) { dropout(y, x, kRows, kColumns, 5, p); });
    check_large([](float* y, const float* x) { softmax(y, x, kRows, kColumns); });
    check_large([](float* y, const float* x) { softmax(y, x, kRows / 8, kColumns * 8); });
  });
}
