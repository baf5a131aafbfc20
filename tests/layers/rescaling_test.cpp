#include <banach/layers/rescaling.hpp>
#include <tests/layers/golden_layer.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("Rescaling passes the harness") {
  const Array x = normal_array({4, 3, 2}, 1);
  Rescaling scaled(0.5), shifted(1. / 127.5, {.offset = -1});
  check_layer(scaled, x);
  check_layer(shifted, x);
}

TEST_CASE("Rescaling is x * scale + offset, as Keras, on bytes too") {
  const Array bytes = Array::of<std::uint8_t>({0, 51, 255}, {1, 3});
  CHECK(relative_difference(Rescaling(1. / 255)(bytes), Array::of<float>({0, 0.2F, 1}, {1, 3})) <=
        Tolerance::kFloat32);
  CHECK(relative_difference(Rescaling(1. / 127.5, {.offset = -1})(bytes),
                            Array::of<float>({-1, -0.6F, 1}, {1, 3})) <= Tolerance::kFloat32);
  CHECK(Rescaling(2).compute_output_shape({kUnknown, 28, 28, 1}).str() == "(None, 28, 28, 1)");
  CHECK(Rescaling(2).count_params() == 0);
}
