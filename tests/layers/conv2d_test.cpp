#include <banach/banach.hpp>
#include <banach/core/errors.hpp>
#include <banach/layers/conv2d.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("Conv2D passes the harness") {
  Conv2D valid(3, 2, {.activation = "selu"});
  Conv2D strided(4, {3, 2}, {.strides = {2, 1}, .padding = "same", .groups = 2, .use_bias = false});
  check_layer(valid, normal_array({2, 6, 6, 2}, 1));
  check_layer(strided, normal_array({2, 5, 4, 2}, 1));
}

TEST_CASE("Conv2D is Keras' in values and gradients") {
  check_golden("conv2d_valid", [] { return Conv2D(4, 3); });
  check_golden("conv2d_same_stride2",
               [] { return Conv2D(4, 3, {.strides = 2, .padding = "same"}); });
  check_golden("conv2d_dilation2", [] { return Conv2D(4, 3, {.dilation_rate = 2}); });
  check_golden("conv2d_groups2", [] { return Conv2D(6, 3, {.groups = 2}); });
  check_golden("conv2d_same_kernel2", [] { return Conv2D(4, 2, {.padding = "same"}); });
  check_golden("conv2d_same_kernel4", [] { return Conv2D(4, 4, {.padding = "same"}); });
  check_golden("conv2d_rect", [] {
    return Conv2D(4, {3, 2}, {.strides = {2, 1}, .padding = "same"});
  });
}

TEST_CASE("Conv2D announces Keras' shapes and weights") {
  Conv2D conv(32, {3, 3}, {.name = "conv"});
  CHECK(conv.compute_output_shape({kUnknown, 28, 28, 1}).str() == "(None, 26, 26, 32)");
  CHECK(conv.weights()[0].name() == "conv/kernel");
  CHECK(conv.weights()[0].shape() == Shape{3, 3, 1, 32});
  CHECK(conv.weights()[1].shape() == Shape{32});
  CHECK(conv.count_params() == 320);
  CHECK(Conv2D(4, 3, {.strides = 2, .padding = "same"})
            .compute_output_shape({kUnknown, 7, 6, 3})
            .str() == "(None, 4, 3, 4)");
}

TEST_CASE("image layers take images of any size") {
  Sequential model({Input({kUnknown, kUnknown, 2}), Conv2D(3, 3, {.padding = "same"}),
                    MaxPooling2D(2), DepthwiseConv2D(2), UpSampling2D(2), ZeroPadding2D(1),
                    GlobalAveragePooling2D(), Dense(4)});
  CHECK(model.get_layer(1)->compute_output_shape({kUnknown, kUnknown, 8, 3}).str() ==
        "(None, None, 4, 3)");
  CHECK(model.output_shapes()[0].str() == "(None, 4)");
  const Array small = model.predict(normal_array({2, 6, 8, 2}, 1));
  CHECK(small.shape() == Shape{2, 4});
  CHECK(model.predict(normal_array({3, 20, 10, 2}, 1)).shape() == Shape{3, 4});
  const auto again = models::clone_model(model);
  again->set_weights(model.get_weights());
  CHECK(max_abs_difference(again->predict(normal_array({2, 6, 8, 2}, 1)), small) == 0);
}

TEST_CASE("Conv2D says what is wrong") {
  CHECK_THROWS_WITH_AS(Conv2D(4, 3, {.name = "c"}).compute_output_shape({kUnknown, 8, 8, kUnknown}),
                       "[c] expected a known number of channels, received (None, 8, 8, None)",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(
      Conv2D(5, 3, {.groups = 2}),
      "[Conv2D] filters must be a positive multiple of groups, received filters=5 groups=2",
      InvalidArgument);
  CHECK_THROWS_WITH_AS(Conv2D(5, {3, 0}),
                       doctest::Contains("[Conv2D] kernel_size must be at least 1, received "),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(Conv2D(4, 3, {.name = "c"}).compute_output_shape({kUnknown, 28, 28}),
                       "[c] expected an image (batch, height, width, channels), received "
                       "(None, 28, 28). Add a channel axis: reshape to (batch, 28, 28, 1).",
                       InvalidArgument);
  CHECK_THROWS_AS(Conv2D(4, 3).compute_output_shape({kUnknown, 2, 2, 1}), InvalidArgument);
  CHECK_THROWS_AS(Conv2D(4, 3, {.padding = "full"}), InvalidArgument);
}
