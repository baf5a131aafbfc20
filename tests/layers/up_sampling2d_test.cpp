#include <banach/core/errors.hpp>
#include <banach/layers/up_sampling2d.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("UpSampling2D passes the harness") {
  UpSampling2D nearest({2, 3}), bilinear(2, {.interpolation = "bilinear"});
  check_layer(nearest, normal_array({2, 3, 4, 3}, 1));
  check_layer(bilinear, normal_array({2, 3, 4, 3}, 1));
}

TEST_CASE("UpSampling2D is Keras' in values and gradients") {
  check_more_golden("upsampling_nearest", [] { return UpSampling2D({2, 3}); });
  check_more_golden("upsampling_bilinear", [] {
    return UpSampling2D({2, 4}, {.interpolation = "bilinear"});
  });
  // TensorFlow keeps the weights 1/3 and 2/3 in float32, whatever the dtype
  check_golden({"upsampling_bilinear_3", float32, "layers_more"},
               [] { return UpSampling2D(3, {.interpolation = "bilinear"}); });
}

TEST_CASE("UpSampling2D says what is wrong") {
  CHECK_THROWS_WITH_AS(
      UpSampling2D(2, {.interpolation = "bicubic"}),
      "[UpSampling2D] interpolation must be \"nearest\" or \"bilinear\", received \"bicubic\"",
      NotSupported);
  CHECK_THROWS_AS(UpSampling2D(2, {.interpolation = "linear"}), InvalidArgument);
  CHECK_THROWS_WITH_AS(UpSampling2D(0), "[UpSampling2D] size must be at least 1, received (0, 0)",
                       InvalidArgument);
}
