#include <banach/core/errors.hpp>
#include <banach/datasets/resize.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

#include "../formats/samples.hpp"

#include <fmt/format.h>

using namespace banach;
using namespace banach::testing;
using utils::ImageSize;

namespace {

const ImageSize kSizes[] = {{4, 5}, {20, 7}, {9, 30}};

std::string text(ImageSize size) { return fmt::format("{}x{}", size.height, size.width); }

// The golden picture without its alpha.
Array photo() {
  const Array& rgba = golden("images.npz", "photo");
  Array rgb(rgba.shape().with(2, 3), uint8);
  for (std::int64_t i = 0; i < rgb.size(); ++i) {
    rgb.mutable_values<std::uint8_t>()[static_cast<std::size_t>(i)] =
        rgba.values<std::uint8_t>()[static_cast<std::size_t>(i / 3 * 4 + i % 3)];
  }
  return rgb;
}

}  // namespace

TEST_CASE("resize gives what TensorFlow gives") {
  for (ImageSize size : kSizes) {
    for (const char* method : {"nearest", "bilinear", "area"}) {
      INFO(method, " ", text(size));
      const Array& expected = golden("images.npz", fmt::format("resize/{}_{}", method, text(size)));
      CHECK(relative_difference(utils::resize(photo(), size, method), expected) <=
            Tolerance::kFloat32);
    }
  }
}

TEST_CASE("smart_resize gives what Keras gives") {
  for (ImageSize size : kSizes) {
    const Array& expected = golden("images.npz", "smart_resize/" + text(size));
    CHECK(relative_difference(utils::smart_resize(photo(), size), expected) <= Tolerance::kFloat32);
  }
}

TEST_CASE("images are resized one by one or many at once") {
  const Array one = photo();
  Array two({2, 9, 11, 3}, uint8);
  std::ranges::copy(one.values<std::uint8_t>(), two.mutable_values<std::uint8_t>().begin());
  for (const auto f : {utils::resize, utils::smart_resize}) {
    const Array result = f(two, {4, 5}, "bilinear");
    CHECK(result.shape() == Shape{2, 4, 5, 3});
    CHECK(same(result[0], f(one, {4, 5}, "bilinear")));
    CHECK(max_abs_difference(result[1], Array({4, 5, 3})) == 0);
  }
  CHECK(same(utils::resize(one, {9, 11}), one.astype(float32)));
}

TEST_CASE("resize refuses what it cannot do") {
  CHECK(error_of<InvalidArgument>([] {
          utils::resize(Array({2, 2, 1}), {1, 1}, "bilinaer");
        }) ==
        "[resize] unknown interpolation 'bilinaer'. Did you mean 'bilinear'? Known: nearest, "
        "bilinear, area");
  CHECK_THROWS_AS(utils::resize(Array({2, 2}), {1, 1}), InvalidArgument);
  CHECK_THROWS_AS(utils::resize(Array({2, 0, 1}), {1, 1}), InvalidArgument);
  CHECK_THROWS_AS(utils::resize(Array({2, 2, 1}), {0, 1}), InvalidArgument);
  CHECK_THROWS_AS(utils::smart_resize(Array({2, 2, 1}), {1, -1}), InvalidArgument);
}
