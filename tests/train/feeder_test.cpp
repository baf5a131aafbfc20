#include <doctest/doctest.h>
#include <tests/support/nets.hpp>

using namespace banach;
using namespace banach::layers;

namespace {

Array random_bytes(const Shape& shape) {
  RandomGenerator random(3);
  Array bytes(shape, uint8);
  for (std::uint8_t& value : bytes.mutable_values<std::uint8_t>()) {
    value = static_cast<std::uint8_t>(random.below(256));
  }
  return bytes;
}

// What training, evaluation and prediction give, all in one row.
std::vector<double> results(Sequential model, const Array& x, const Array& y) {
  model.compile({.loss = losses::sparse_categorical_crossentropy,
                 .optimizer = optimizers::Adam(),
                 .metrics = {"accuracy"}});
  const History h =
      model.fit(x, y, {.batch_size = 16, .epochs = 2, .verbose = 0, .validation_split = 0.25});
  std::vector<double> all = model.evaluate(x, y, {.verbose = 0});
  for (const auto& [name, values] : h.history) all.insert(all.end(), values.begin(), values.end());
  const Array p = model.predict(x);
  for (std::int64_t i = 0; i < p.size(); ++i) all.push_back(p.flat(i));
  return all;
}

}  // namespace

TEST_CASE("bytes behind a Rescaling layer train to the bits of scaled floats") {
  const Array bytes = random_bytes({70, 6, 6, 1});
  Array labels({70}, uint8);
  for (std::int64_t i = 0; i < 70; ++i)
    labels.mutable_values<std::uint8_t>()[i] = bytes.flat(i) > 99;
  const auto net = [](bool rescaling) {
    utils::set_random_seed(4);
    Sequential model({Input({6, 6, 1})});
    if (rescaling) model.add(Rescaling(1. / 255));
    model.add(Conv2D(3, 3, {.activation = "selu"}));
    model.add(AlphaDropout(0.1));
    model.add(Flatten());
    model.add(Dense(2, {.activation = "softmax"}));
    return model;
  };
  CHECK(results(net(true), bytes, labels) ==
        results(net(false), bytes.astype(float32) * (1. / 255), labels));
}
