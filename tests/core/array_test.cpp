#include <banach/core/array.hpp>
#include <banach/core/errors.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

using namespace banach;

namespace {

template <class A>
concept GivesValues = requires(A&& array) {
  std::forward<A>(array).template values<float>();
};

static_assert(GivesValues<Array&> && GivesValues<const Array&>);
static_assert(!GivesValues<Array> && !GivesValues<const Array>, "they would go with the array");

}  // namespace

TEST_CASE("copies, reshapes and slices share memory until one is written") {
  Array a = Array::of<float>({1, 2, 3, 4, 5, 6}, {3, 2});
  Array b = a.reshape({2, -1}), row = a.slice(1, 2);
  CHECK(b.shape() == Shape{2, 3});
  CHECK(b.raw() == a.raw());
  row.mutable_values<float>()[0] = 30;
  CHECK(a.at({1, 0}) == 3);
  CHECK(row.at({0, 0}) == 30);
  b.mutable_values<float>()[0] = 10;
  CHECK(a.flat(0) == 1);
}

TEST_CASE("borrowed memory is never written") {
  float values[] = {1, 2};
  Array a({2}, float32, Buffer::borrow(values, sizeof values));
  a.mutable_values<float>()[0] = 5;
  CHECK(values[0] == 1);
  CHECK(a.flat(0) == 5);
}

TEST_CASE("a temporary is converted and scaled without a second array") {
  const Array bytes = Array::of<std::uint8_t>({0, 51, 255});
  Array floats = bytes.astype(float32);
  const void* memory = floats.raw();
  floats = std::move(floats) / 255;
  CHECK(floats.raw() == memory);
  CHECK(floats.flat(1) == doctest::Approx(0.2));
  CHECK((bytes / 255).dtype() == float32);
}

TEST_CASE("vectors become arrays and arrays vectors") {
  const std::vector<std::int64_t> numbers = {3, 1, 2, 0};
  CHECK(Array::from(numbers).shape() == Shape{4});
  const Array a = Array::from(numbers, {2, 2});
  CHECK(a.dtype() == int64);
  CHECK((a + a).to_vector<float>() == std::vector<float>{6, 2, 4, 0});
  CHECK(a.to_vector<std::int64_t>() == numbers);
  CHECK(a.to_vector<bool>() == std::vector<bool>{true, true, true, false});
}

TEST_CASE("numbers that an integer cannot hold become the nearest that it can") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Array a = Array::of<double>({-kInfinity, -1e30, -1.9, 1.9, 255.9, 1e30, std::nan("")});
  CHECK(a.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{0, 0, 0, 1, 255, 255, 0});
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min(), kMost = ~kLeast;
  CHECK(a.astype(float32).to_vector<std::int64_t>() ==
        std::vector<std::int64_t>{kLeast, kLeast, -1, 1, 255, kMost, 0});
  CHECK(Array::full({}, 300, uint8).flat(0) == 255);
  CHECK(a.to_vector<bool>() == std::vector<bool>{true, true, true, true, true, true, true});
}

TEST_CASE("what another thread read comes before a write into the memory it let go") {
  for (int i = 0; i < 100; ++i) {
    Array a = Array::full({64}, i);
    double sum = 0;
    std::thread reader([b = a, &sum]() mutable {
      sum = mean(b);
      b = Array();
    });
    a.mutable_values<float>()[0] = -1;
    reader.join();
    CHECK(sum == i);
  }
}

TEST_CASE("arithmetic, argmax and moments") {
  const Array a = Array::of<double>({1, 2, 3, 4}, {2, 2});
  CHECK((2 * a).flat(3) == 8);
  CHECK((1 - a).flat(3) == -3);
  CHECK((1.0 / a).flat(3) == 0.25);
  CHECK((1 + -a).flat(0) == 0);
  CHECK((a + a * 2 - 1).flat(3) == 11);
  CHECK((a / a).flat(2) == 1);
  CHECK(mean(a) == 2.5);
  CHECK(variance(a) == 1.25);
  const Array best = argmax(Array::of<float>({1, 9, 9, 4, 0, 2}, {2, 3}));
  CHECK(best.dtype() == int64);
  CHECK(best.flat(0) == 1);
  CHECK(best.flat(1) == 0);
}

TEST_CASE("errors name shapes and types") {
  const Array a({2, 3});
  CHECK_THROWS_WITH_AS(a.reshape({4, 2}), doctest::Contains("(2, 3) holds 6"), InvalidArgument);
  CHECK_THROWS_AS(a.reshape({-1, -1}), InvalidArgument);
  constexpr std::int64_t kHuge = std::int64_t{1} << 32;
  CHECK_THROWS_AS(a.reshape({kHuge, kHuge, -1}), InvalidArgument);
  CHECK_THROWS_AS(a.values<double>(), InvalidArgument);
  CHECK_THROWS_AS(a.slice(1, 3), InvalidArgument);
  CHECK_THROWS_AS(a[2], InvalidArgument);
  CHECK_THROWS_AS(a.at({0, 3}), InvalidArgument);
  CHECK_THROWS_AS(a + Array({3, 2}), InvalidArgument);
  CHECK_THROWS_AS(Array::from<float>({}, {2}), InvalidArgument);
}

TEST_CASE("lasting buffers are zeroed, aligned and apart from each other") {
  std::vector<Buffer> buffers;
  for (const std::size_t bytes : {0UL, 4UL, 100UL, 1000000UL, 1100000UL, 3000000UL}) {
    for (int i = 0; i < 3; ++i) buffers.push_back(Buffer::allocate_lasting(bytes));
  }
  for (const Buffer& buffer : buffers) {
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64 == 0);
    CHECK(std::all_of(buffer.data(), buffer.data() + buffer.size(),
                      [](std::byte b) { return b == std::byte{0}; }));
    std::fill(buffer.data(), buffer.data() + buffer.size(), std::byte{1});
  }
}
