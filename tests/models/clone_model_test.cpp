#include <doctest/doctest.h>
#include <tests/support/nets.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

TEST_CASE("a clone has the layers and names of a model, and weights of its own") {
  const Samples samples = make_samples(32, {6}, 3);
  Sequential model({Input({6}), Dense(8, {.activation = "selu"}), Dense(3)});
  const auto clone = models::clone_model(model);
  CHECK(clone->get_layer(0)->name() == model.get_layer(0)->name());
  CHECK_FALSE(clone->is_compiled());
  CHECK(max_abs_difference(clone->predict(samples.x), model.predict(samples.x)) > 1e-3);
  clone->set_weights(model.get_weights());
  const Array before = clone->predict(samples.x);
  CHECK(max_abs_difference(before, model.predict(samples.x)) == 0);
  model.compile({.loss = "mse"});
  model.fit(samples.x, samples.y, {.verbose = 0});
  CHECK(max_abs_difference(clone->predict(samples.x), before) == 0);
}

TEST_CASE("a functional model is cloned with what it shares") {
  const Tensor a = Input({4}), b = Input({4});
  Dense shared(3);
  Model model({a, b}, {Add()({shared(a), shared(b)})});
  const auto clone = models::clone_model(model);
  CHECK(clone->weights().size() == 2);
  clone->set_weights(model.get_weights());
  const Array x = Array::full({2, 4}, 0.5);
  CHECK(max_abs_difference(clone->predict({x, x}), model.predict({x, x})) == 0);
}
