#include <banach/core/errors.hpp>
#include <banach/layers/global_pooling2d.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("global pooling passes the harness") {
  const Array images = normal_array({2, 4, 5, 3}, 1);
  GlobalAveragePooling2D mean({.keepdims = true});
  GlobalMaxPooling2D largest;
  check_layer(mean, images);
  check_layer(largest, images);
}

TEST_CASE("global pooling is Keras' in values and gradients, with ties") {
  check_more_golden("globalavgpool", [] { return GlobalAveragePooling2D(); });
  check_more_golden("globalavgpool_keepdims",
                    [] { return GlobalAveragePooling2D({.keepdims = true}); });
  check_more_golden("globalmaxpool", [] { return GlobalMaxPooling2D(); });
  check_more_golden("globalmaxpool_ties", [] { return GlobalMaxPooling2D({.keepdims = true}); });
}

TEST_CASE("global pooling needs an image") {
  CHECK_THROWS_WITH_AS(
      GlobalMaxPooling2D({.name = "pool"}).compute_output_shape({kUnknown, 4}),
      "[pool] expected an image (batch, height, width, channels), received (None, 4).",
      InvalidArgument);
}
