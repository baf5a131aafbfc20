#include <banach/core/errors.hpp>
#include <banach/layers/depthwise_conv2d.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("DepthwiseConv2D passes the harness") {
  DepthwiseConv2D valid(2, {.activation = "selu"});
  DepthwiseConv2D strided(
      {3, 2}, {.strides = {2, 1}, .padding = "same", .depth_multiplier = 2, .use_bias = false});
  check_layer(valid, normal_array({2, 6, 6, 3}, 1));
  check_layer(strided, normal_array({2, 5, 4, 2}, 1));
}

TEST_CASE("DepthwiseConv2D is Keras' in values and gradients") {
  check_more_golden("depthwise_valid", [] { return DepthwiseConv2D(3); });
  check_more_golden("depthwise_selu",
                    [] { return DepthwiseConv2D(3, {.padding = "same", .activation = "selu"}); });
  check_more_golden("depthwise_multiplier", [] {
    return DepthwiseConv2D({3, 2}, {.padding = "same", .depth_multiplier = 2});
  });
  check_more_golden("depthwise_stride2", [] {
    return DepthwiseConv2D(3, {.strides = 2, .padding = "same", .use_bias = false});
  });
  check_more_golden("depthwise_dilation2",
                    [] { return DepthwiseConv2D(3, {.padding = "same", .dilation_rate = 2}); });
  check_more_golden("depthwise_both", [] {
    return DepthwiseConv2D(2, {.strides = 2, .padding = "same", .dilation_rate = 2});
  });
}

TEST_CASE("DepthwiseConv2D announces Keras' shapes and weights") {
  DepthwiseConv2D conv(3, {.depth_multiplier = 2, .name = "conv"});
  CHECK(conv.compute_output_shape({kUnknown, 28, 28, 5}).str() == "(None, 26, 26, 10)");
  CHECK(conv.weights()[0].name() == "conv/kernel");
  CHECK(conv.weights()[0].shape() == Shape{3, 3, 5, 2});
  CHECK(conv.weights()[1].shape() == Shape{10});
}

TEST_CASE("DepthwiseConv2D says what is wrong") {
  CHECK_THROWS_WITH_AS(DepthwiseConv2D(3, {.depth_multiplier = 0}),
                       "[DepthwiseConv2D] depth_multiplier must be at least 1, received 0",
                       InvalidArgument);
  DepthwiseConv2D conv(3, {.name = "d"});
  conv.compute_output_shape({kUnknown, 5, 5, 4});
  CHECK_THROWS_WITH_AS(conv(Array({1, 5, 5, 3})),
                       "[d] expected an input with 4 channels (kernel is (3, 3, 4, 1)), received "
                       "(None, 5, 5, 3)",
                       InvalidArgument);
}
