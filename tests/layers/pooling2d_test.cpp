#include <banach/core/errors.hpp>
#include <banach/layers/pooling2d.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("pooling layers pass the harness") {
  const Array images = normal_array({2, 7, 5, 3}, 1);
  MaxPooling2D largest({2, 3}, {.strides = 1}), largest_same(3, {.strides = 2, .padding = "same"});
  AveragePooling2D mean({2, 3}, {.strides = 1}), mean_same(3, {.strides = 2, .padding = "same"});
  check_layer(largest, images);
  check_layer(largest_same, images);
  check_layer(mean, images);
  check_layer(mean_same, images);
}

TEST_CASE("pooling is Keras' in values and gradients, with ties and padding") {
  check_golden("maxpool_valid", [] { return MaxPooling2D(2); });
  check_golden("maxpool_same", [] { return MaxPooling2D(3, {.strides = 2, .padding = "same"}); });
  check_golden("maxpool_ties", [] { return MaxPooling2D(3, {.strides = 1, .padding = "same"}); });
  check_golden("avgpool_valid", [] { return AveragePooling2D(2); });
  check_golden("avgpool_same",
               [] { return AveragePooling2D(3, {.strides = 2, .padding = "same"}); });
}

TEST_CASE("pooling layers say what is wrong") {
  CHECK_THROWS_WITH_AS(MaxPooling2D(0),
                       doctest::Contains("[MaxPooling2D] pool_size must be at least 1, received "),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(
      AveragePooling2D(2, {.strides = Size2{0, 1}}),
      doctest::Contains("[AveragePooling2D] strides must be at least 1, received "),
      InvalidArgument);
  CHECK_THROWS_WITH_AS(
      MaxPooling2D(2, {.name = "pool"}).compute_output_shape({kUnknown, 4}),
      "[pool] expected an image (batch, height, width, channels), received (None, 4).",
      InvalidArgument);
}
