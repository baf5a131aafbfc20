#include <banach/layers/registry.hpp>
#include <tests/layers/golden_layer.hpp>

#include <set>

using namespace banach;
using namespace banach::testing;

TEST_CASE("every layer of the registry passes the harness in float32 and float64") {
  const Array images = normal_array({3, 6, 6, 2}, 1);
  for (const DType dtype : {float32, float64}) {
    const FloatxGuard guard(dtype);
    for (const LayerRow& row : layer_registry()) {
      const std::shared_ptr<Layer> layer = row.example();
      CHECK(layer->class_name() == row.class_name);
      CHECK(layer->dtype() == dtype);
      if (row.inputs == 1) check_layer(*layer, images);  // merge_test has the others
    }
  }
}

TEST_CASE("classes are listed once") {
  std::set<std::string_view> names;
  for (const LayerRow& row : layer_registry()) names.insert(row.class_name);
  CHECK(names.size() == layer_registry().size());
}

TEST_CASE("names are Keras'") {
  CHECK(to_snake_case("MaxPooling2D") == "max_pooling2d");
  CHECK(to_snake_case("InputLayer") == "input_layer");
  CHECK(to_snake_case("AlphaDropout") == "alpha_dropout");
  CHECK(to_snake_case("PReLU") == "p_re_lu");
  utils::clear_session();
  for (const char* name : {"dense", "dense_1", "dense_2"}) {
    CHECK(layer_registry()[1].example()->name() == name);
  }
}
