#include <doctest/doctest.h>
#include <tests/support/memory.hpp>
#include <tests/support/nets.hpp>

using namespace banach;
using namespace banach::layers;

TEST_CASE("fit, evaluate and predict keep no float copy of bytes") {
  const Array bytes({40'000, 1'000}, uint8), labels({40'000}, uint8);
  Sequential model(
      {Rescaling(1. / 255, {.input_shape = Shape{1'000}}), Dense(2, {.activation = "softmax"})});
  model.compile({.loss = losses::sparse_categorical_crossentropy});
  const testing::PeakMemory peak;
  model.fit(bytes, labels, {.batch_size = 1'000, .verbose = 0, .validation_split = 0.5});
  model.evaluate(bytes, labels, {.batch_size = 1'000, .verbose = 0});
  model.predict(bytes, {.batch_size = 1'000});
  CHECK(peak.growth() < 2 * bytes.nbytes());  // floats would take four times the bytes
}
