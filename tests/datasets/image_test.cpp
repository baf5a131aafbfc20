#include <banach/core/errors.hpp>
#include <banach/datasets/image.hpp>
#include <banach/formats/png.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/temp_dir.hpp>

#include "../formats/samples.hpp"

#include <fmt/format.h>
#include <limits>

using namespace banach;
using namespace banach::testing;
using utils::load_img;

namespace {

const std::pair<std::string, std::string> kModes[] = {
    {"grayscale", "L"}, {"rgb", "RGB"}, {"rgba", "RGBA"}};

}  // namespace

TEST_CASE("load_img gives PIL's three colour modes of every kind of PNG") {
  const TempDir dir;
  int compared = 0;
  for (const auto& [key, file] : golden("png.npz")) {
    if (!key.ends_with("/file")) continue;
    const std::string kind = key.substr(0, key.size() - 5);
    if (!golden("png.npz").contains(kind + "/RGB")) continue;  // what PIL reads otherwise
    formats::write_file_atomic(dir / "a.png", std::as_bytes(file.values<std::uint8_t>()));
    for (const auto& [color_mode, pil_mode] : kModes) {
      INFO(kind, " ", color_mode);
      CHECK(same(load_img(dir / "a.png", {.color_mode = color_mode}),
                 golden("png.npz", kind + "/" + pil_mode)));
      ++compared;
    }
  }
  CHECK(compared == 105);
}

TEST_CASE("load_img resizes as Keras does, to the bit") {
  const TempDir dir;
  formats::save_png(dir / "photo.png", golden("images.npz", "photo"));
  for (utils::ImageSize size : {utils::ImageSize{4, 5}, {20, 7}, {9, 30}}) {
    for (const char* interpolation :
         {"nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"}) {
      const auto expected = [&](const std::string& variant) {
        return golden("images.npz", fmt::format("load_img/{}_{}_{}x{}", interpolation, variant,
                                                size.height, size.width));
      };
      INFO(interpolation, " ", utils::to_string(size));
      for (const auto& [color_mode, pil_mode] : kModes) {
        INFO(color_mode);
        CHECK(same(load_img(dir / "photo.png", {.color_mode = color_mode,
                                                .target_size = size,
                                                .interpolation = interpolation}),
                   expected(color_mode)));
      }
      CHECK(same(load_img(dir / "photo.png", {.target_size = size,
                                              .interpolation = interpolation,
                                              .keep_aspect_ratio = true}),
                 expected("aspect")));
    }
  }
}

TEST_CASE("save_img spreads numbers over all colours as Keras does") {
  const TempDir dir;
  utils::save_img(dir / "a.png", golden("images.npz", "save_img/x"));
  CHECK(same(load_img(dir / "a.png"), golden("images.npz", "save_img/pixels")));
}

TEST_CASE("save_img keeps pixels when they are not to be scaled") {
  const TempDir dir;
  const Array pixels = Array::of<std::uint8_t>({1, 2, 3, 4, 5, 6}, {2, 1, 3});
  utils::save_img(dir / "a.PNG", pixels, {.scale = false});
  CHECK(same(load_img(dir / "a.PNG"), pixels));
  utils::save_img(dir / "gray.png", Array::of<float>({0, 255.9f}, {1, 2}), {.scale = false});
  CHECK(same(load_img(dir / "gray.png", {.color_mode = "grayscale"}),
             Array::of<std::uint8_t>({0, 255}, {1, 2, 1})));
}

TEST_CASE("img_to_array gives float pixels with a channel axis") {
  const Array pixels = Array::of<std::uint8_t>({7, 255}, {1, 2});
  CHECK(same(utils::img_to_array(pixels), Array::of<float>({7, 255}, {1, 2, 1})));
  CHECK(same(utils::img_to_array(pixels.reshape({1, 1, 2}), float64),
             Array::of<double>({7, 255}, {1, 1, 2})));
  CHECK_THROWS_AS(utils::img_to_array(Array({4})), InvalidArgument);
}

TEST_CASE("array_to_img refuses what are no pixels") {
  using utils::array_to_img;
  CHECK(same(array_to_img(Array::full({1, 2, 1}, 9)), Array({1, 2, 1}, uint8)));  // Keras: 0 too
  for (double wrong : {-1.0, 256.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS(array_to_img(Array::full({1, 1, 3}, wrong), false), InvalidArgument);
  }
  const Array infinite = Array::of<float>({0, std::numeric_limits<float>::infinity()}, {1, 2, 1});
  CHECK_THROWS_AS(array_to_img(infinite), InvalidArgument);
  CHECK_THROWS_AS(array_to_img(Array({1, 1, 2})), InvalidArgument);
  CHECK_THROWS_AS(array_to_img(Array({0, 1, 3})), InvalidArgument);
}

TEST_CASE("load_img names the file, what it is and what is read") {
  const TempDir dir;
  const auto error = [&](const formats::Bytes& bytes) {
    formats::write_file_atomic(dir / "a", bytes);
    return error_of<Error>([&] { load_img(dir / "a"); });
  };
  const std::string where = "[" + dir / "a" + "] ";
  CHECK(error(bytes_of({0xFF, 0xD8, 0xFF, 0xE0})) ==
        where + "is a JPEG file: pictures are read from PNG alone. Convert it");
  CHECK(error(bytes_of("GIF89a")).find("is a GIF file") != std::string::npos);
  CHECK(error({}) ==
        where + "expected a picture, a PNG file, received 0 bytes that begin otherwise");
  CHECK_THROWS_AS(load_img(dir / "none.png"), NotFound);
}

TEST_CASE("options that do not exist are refused") {
  const TempDir dir;
  formats::save_png(dir / "a.png", Array({2, 2, 3}, uint8));
  CHECK(error_of<InvalidArgument>([&] { load_img(dir / "a.png", {.color_mode = "grey"}); }) ==
        "[load_img] unknown color_mode 'grey'. Known: grayscale, rgb, rgba");
  CHECK_THROWS_AS(load_img(dir / "a.png", {.target_size = {1, 1}, .interpolation = "area"}),
                  InvalidArgument);
  CHECK_THROWS_AS(load_img(dir / "a.png", {.target_size = {-1, 1}}), InvalidArgument);
  CHECK_THROWS_AS(load_img(dir / "a.png", {.target_size = {3, 0}}), InvalidArgument);
  CHECK(error_of<NotSupported>([&] {
          utils::save_img(dir / "a.jpg", Array({2, 2, 3}));
        }).find("choose a name that ends in .png") != std::string::npos);
}
