#include <banach/core/errors.hpp>
#include <banach/layers/layer_normalization.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("LayerNormalization passes the harness") {
  LayerNormalization last, axes({.axis = {-2, -1}}), plain({.center = false, .scale = false});
  check_layer(last, normal_array({4, 6}, 1));
  check_layer(axes, normal_array({4, 3, 2, 5}, 1));
  check_layer(plain, normal_array({4, 6}, 1));
}

TEST_CASE("LayerNormalization is Keras' in values and gradients") {
  check_more_golden("layernorm", [] { return LayerNormalization(); });
  check_more_golden("layernorm_rank4", [] { return LayerNormalization({.epsilon = 0.1}); });
  check_more_golden("layernorm_axes", [] { return LayerNormalization({.axis = {2, 3}}); });
  check_more_golden("layernorm_plain",
                    [] { return LayerNormalization({.center = false, .scale = false}); });
  check_more_golden("layernorm_center", [] { return LayerNormalization({.scale = false}); });
}

TEST_CASE("LayerNormalization's moments are float32's in bfloat16") {
  LayerNormalization layer({.dtype = "mixed_bfloat16"});
  const Array x = (normal_array({4, 64}, 1) + 100).astype(bfloat16);
  LayerNormalization exact;
  CHECK(relative_difference(layer(x), exact(x.astype(float32))) <= Tolerance::kBfloat16);
}

TEST_CASE("LayerNormalization says what is wrong") {
  CHECK_THROWS_WITH_AS(LayerNormalization({.epsilon = 0}),
                       "[LayerNormalization] expected epsilon > 0 and at least one axis, received "
                       "epsilon=0 axis=[-1]",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(
      LayerNormalization({.axis = {1}, .name = "norm"}).compute_output_shape({kUnknown, 3, 4}),
      "[norm] expected axis to be the last axes of an input (None, 3, 4), received [1]. Use "
      "Permute around it.",
      NotSupported);
  LayerNormalization layer({.name = "norm"});
  layer.compute_output_shape({kUnknown, 4});
  CHECK_THROWS_WITH_AS(layer(Array({2, 3})),
                       "[norm] expected an input whose last axes are (4,), received (None, 3)",
                       InvalidArgument);
}

TEST_CASE("LayerNormalization reads Keras' configs") {
  LayerNormalization layer;
  layer.set_config(Json::dict({{"axis", 2}, {"epsilon", 0.5}, {"gamma_regularizer", Json()}}));
  CHECK(*layer.get_config().find("axis") == Json::list({2}));
  CHECK(*layer.get_config().find("epsilon") == Json(0.5));
  CHECK_THROWS_AS(layer.set_config(Json::dict({{"rms_scaling", true}})), NotSupported);
}
