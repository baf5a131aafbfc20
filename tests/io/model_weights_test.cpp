#include <banach/banach.hpp>
#include <tests/support/temp_dir.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

Sequential net(int units) {
  return Sequential({Input({4}), Dense(units, {.name = "hidden"}),
                     BatchNormalization({.name = "norm"}), Dense(2, {.name = "out"})});
}

constexpr const char* kSuffixes[] = {".weights.h5", ".npz", ".safetensors"};

}  // namespace

TEST_CASE("weights go into every format and come back") {
  for (const char* suffix : kSuffixes) {
    INFO(suffix);
    const TempDir dir;
    const std::string path = dir / ("model" + std::string(suffix));
    const Sequential model = net(3);
    Sequential other = net(3);
    model.save_weights(path);
    other.load_weights(path);
    const auto expected = model.get_weights(), got = other.get_weights();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(max_abs_difference(got[i], expected[i]) == 0);
    }
  }
}

TEST_CASE("weights of another model are refused, naming the weight and both shapes") {
  for (const char* suffix : kSuffixes) {
    INFO(suffix);
    const TempDir dir;
    const std::string path = dir / ("model" + std::string(suffix));
    net(3).save_weights(path);
    Sequential wider = net(5), deeper = net(3);
    deeper.add(Dense(1, {.name = "more"}));
    CHECK_THROWS_WITH_AS(wider.load_weights(path), doctest::Contains("expected shape (4, 5)"),
                         Corruption);
    CHECK_THROWS_AS(deeper.load_weights(path), Corruption);
  }
}

TEST_CASE("weights under names that nobody gave are not found in another model, which is said") {
  const auto unnamed = [] { return Sequential({Input({4}), Dense(4), Dense(4)}); };
  for (const char* suffix : kSuffixes) {
    const TempDir dir;
    const std::string path = dir / ("model" + std::string(suffix));
    unnamed().save_weights(path);
    Sequential other = unnamed();
    if (path.ends_with(".h5")) {
      other.load_weights(path);
    } else {
      CHECK_THROWS_WITH_AS(other.load_weights(path), doctest::Contains("or use .weights.h5"),
                           Corruption);
    }
  }
}

TEST_CASE("an unbuilt model and an unknown suffix are said") {
  Sequential unbuilt({Dense(3)}, {.name = "m"});
  CHECK_THROWS_WITH_AS(unbuilt.load_weights("a.npz"),
                       "[load_weights] the model 'm' is not built: it has no weights yet",
                       RuntimeError);
  CHECK_THROWS_WITH_AS(net(3).save_weights("a.bin"),
                       doctest::Contains("ends in .weights.h5, .npz or .safetensors"),
                       InvalidArgument);
}
