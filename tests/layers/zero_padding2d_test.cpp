#include <banach/core/errors.hpp>
#include <banach/layers/zero_padding2d.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("ZeroPadding2D passes the harness") {
  ZeroPadding2D one, sides({{0, 2}, {3, 0}});
  check_layer(one, normal_array({2, 4, 5, 3}, 1));
  check_layer(sides, normal_array({2, 4, 5, 3}, 1));
}

TEST_CASE("ZeroPadding2D is Keras' in values and gradients") {
  check_more_golden("zeropadding", [] { return ZeroPadding2D({{1, 2}, {0, 3}}); });
  check_more_golden("zeropadding_pair", [] { return ZeroPadding2D({2, 1}); });
}

TEST_CASE("ZeroPadding2D takes one, two or four numbers") {
  const Shape image{kUnknown, 4, 5, 3};
  CHECK(ZeroPadding2D().compute_output_shape(image).str() == "(None, 6, 7, 3)");
  CHECK(ZeroPadding2D(2).compute_output_shape(image).str() == "(None, 8, 9, 3)");
  CHECK(ZeroPadding2D({{1, 0}, {0, 2}}, {.name = "pad"}).compute_output_shape(image).str() ==
        "(None, 5, 7, 3)");
  CHECK_THROWS_WITH_AS(ZeroPadding2D({1, -1}),
                       "[ZeroPadding2D] padding must be two pairs, none of them negative, received "
                       "((1, 1), (-1, -1))",
                       InvalidArgument);
}

TEST_CASE("ZeroPadding2D writes and checks pairs") {
  ZeroPadding2D layer({{1, 2}, {3, 4}});
  const Json pairs = Json::list({Json::list({1, 2}), Json::list({3, 4})});
  CHECK(*layer.get_config().find("padding") == pairs);
  CHECK_THROWS_AS(layer.set_config(Json::dict({{"padding", Json::list({1})}})), InvalidArgument);
}
