#include <banach/banach.hpp>
#include <banach/io/self_test.hpp>
#include <tests/support/temp_dir.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("probes repeat, and catch a model that computes something else") {
  Sequential model({Input({4}), Dense(3, {.activation = "selu"}), Dense(2)});
  const Probes probes = make_probes(model);
  CHECK(probes.size() == 2);
  CHECK(probes.at("x0").shape() == Shape{3, 4});
  check_probes(model, probes, "m.keras");
  for (const Shape& shape : {Shape{3, 5}, Shape{0, 4}, Shape{3}}) {
    CHECK_THROWS_WITH_AS(
        check_probes(model, {{"x0", Array(shape)}, {"y0", Array({3, 2})}}, "m.keras"),
        doctest::Contains("m.keras: self-test: "), Corruption);
  }
  CHECK_THROWS_WITH_AS(check_probes(model, {{"y0", Array({3, 2})}}, "m.keras"),
                       doctest::Contains("m.keras: self-test: "), Corruption);
  std::vector<Array> weights = model.get_weights();
  weights[0] = weights[0] + 0.5;
  model.set_weights(weights);
  CHECK_THROWS_WITH_AS(check_probes(model, probes, "m.keras"),
                       doctest::Contains("m.keras: self-test: output 0 differs by"), Corruption);
}

TEST_CASE("a file carries them, unless told otherwise, and loading checks them") {
  Sequential model({Input({4}), Dense(2, {.kernel_initializer = "ones"})});
  const TempDir dir;
  for (const char* suffix : {".keras", ".h5"}) {
    const std::string path = dir / ("model" + std::string(suffix));
    model.save(path);
    CHECK(saving::has_self_test(path));
    CHECK_NOTHROW(saving::load_model(path));
    saving::save_model(model, path, {.self_test = false});
    CHECK_FALSE(saving::has_self_test(path));
    CHECK_NOTHROW(saving::load_model(path));
  }
}

TEST_CASE("a model without known inputs, or with very large ones, has none") {
  CHECK(make_probes(Sequential({Dense(2)})).empty());
  CHECK(make_probes(Sequential({Input({300, 300, 1}), Flatten()})).empty());
  CHECK(make_probes(Sequential({Input({kUnknown, kUnknown, 1}), MaxPooling2D(2)})).size() == 2);
}
