#include <banach/core/errors.hpp>
#include <banach/datasets/preprocessing.hpp>

#include "../formats/samples.hpp"

#include <limits>

using namespace banach;
using namespace banach::testing;
using utils::to_categorical;

TEST_CASE("to_categorical is Keras' example") {  // numerical_utils.py, docstring
  CHECK(same(to_categorical(Array::of<std::int32_t>({0, 1, 2, 3}), 4),
             Array::of<float>({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, {4, 4})));
}

TEST_CASE("to_categorical has Keras' shapes") {  // numerical_utils_test.py
  const auto shape = [](Shape from, std::optional<std::int64_t> classes) {
    return to_categorical(Array(from, uint8), classes).shape();
  };
  CHECK(shape({3}, 5) == Shape{3, 5});
  CHECK(shape({3, 1}, 5) == Shape{3, 5});
  CHECK(shape({1}, 5) == Shape{1, 5});
  CHECK(shape({1, 1}, 5) == Shape{1, 5});
  CHECK(shape({3, 2}, 5) == Shape{3, 2, 5});
  CHECK(shape({3, 2, 1}, 5) == Shape{3, 2, 5});
  CHECK(shape({}, 5) == Shape{5});
  CHECK(shape({0}, 5) == Shape{0, 5});
  CHECK(shape({3}, {}) == Shape{3, 1});
}

TEST_CASE("to_categorical finds the number of classes and takes every dtype") {
  const Array expected = Array::of<float>({0, 0, 1, 1, 0, 0}, {2, 3});
  for (DType dtype : {float32, float64, int32, int64, uint8}) {
    CHECK(same(to_categorical(Array::of<float>({2, 0}).astype(dtype)), expected));
  }
  CHECK(
      same(to_categorical(Array::of<bool>({true, false})), Array::of<float>({0, 1, 1, 0}, {2, 2})));
}

TEST_CASE("to_categorical refuses labels that are none") {
  const auto text = [](const Array& x, std::optional<std::int64_t> classes = {}) {
    return error_of<InvalidArgument>([&] { to_categorical(x, classes); });
  };
  CHECK(text(Array::of<std::uint8_t>({0, 1, 2, 12}), 10)
            .find("[to_categorical] label 12 at position 3 is outside [0, 10): ") == 0);
  CHECK(text(Array::of<std::int32_t>({0, -1})).find("label -1 at position 1") != std::string::npos);
  CHECK(text(Array::of<std::int32_t>({-1})).find("outside [0, 1)") != std::string::npos);
  CHECK(text(Array::of<float>({0, 1.5f})).find("label 1.5 at position 1 is not an integer") !=
        std::string::npos);
  CHECK(text(Array::of<double>({std::numeric_limits<double>::quiet_NaN()})).find("nan") !=
        std::string::npos);
  CHECK_FALSE(text(Array::of<double>({std::numeric_limits<double>::infinity()})).empty());
  CHECK_FALSE(text(Array::of<double>({1e300})).empty());
}

TEST_CASE("to_categorical refuses counts that are none") {
  const Array labels = Array::of<std::uint8_t>({0});
  CHECK_THROWS_AS(to_categorical(labels, 0), InvalidArgument);
  CHECK_THROWS_AS(to_categorical(labels, -3), InvalidArgument);
  CHECK_THROWS_AS(to_categorical(Array({0}, uint8)), InvalidArgument);
  CHECK_THROWS_AS(to_categorical(Array::of<std::int64_t>({1'000'000'000'000})), InvalidArgument);
  CHECK_THROWS_AS(to_categorical(Array({2, 2, 2, 2, 2, 2, 2, 2}, uint8), 2), InvalidArgument);
}
