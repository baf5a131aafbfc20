// Files that TensorFlow 2 wrote (tests/golden/README.md).
#include <banach/banach.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::testing;

namespace {

// Keras' own 2e-4 for training that goes on: three epochs in float32.
constexpr double kContinued = 2e-4;

void check_file(const std::string& stem, const std::string& suffix) {
  INFO(stem);
  const auto& keras = golden(stem + ".npz");
  const auto model = saving::load_model(std::string(BANACH_GOLDEN_DIR) + "/" + stem + suffix);
  CHECK(relative_difference(model->predict(keras.at("x")), keras.at("y")) <= Tolerance::kFloat32);
  CHECK(model->metrics_names() == std::vector<std::string>{"loss", "accuracy"});
  CHECK(model->optimizer().iterations() == static_cast<std::int64_t>(keras.at("o0").flat(0)));
  const History history =
      model->fit(keras.at("x"), keras.at("targets"),
                 {.batch_size = 16, .epochs = 3, .verbose = 0, .shuffle = false});
  for (int epoch = 0; epoch < 3; ++epoch) {
    CHECK(history.history.at("loss")[static_cast<std::size_t>(epoch)] ==
          doctest::Approx(keras.at("loss").flat(epoch)).epsilon(kContinued));
  }
  CHECK(relative_difference(model->predict(keras.at("x")), keras.at("y_continued")) <= kContinued);
}

}  // namespace

TEST_CASE("a .h5 of TensorFlow 2 predicts what it did and goes on training") {
  check_file("tf2_legacy", ".h5");
}

TEST_CASE("a .keras of TensorFlow 2 predicts what it did and goes on training") {
  check_file("tf2_v3", ".keras");
}
