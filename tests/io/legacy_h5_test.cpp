#include <banach/banach.hpp>
#include <banach/io/legacy_h5.hpp>
#include <tests/nn/warnings.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

formats::Hdf5Reader read_back(const formats::Hdf5Writer& file) {
  return formats::Hdf5Reader(formats::ByteSource(file.bytes(), "model.h5"));
}

Sequential net() {
  return Sequential({Input({4}), Dense(3, {.name = "hidden"}),
                     Sequential({Input({3}), Dense(2, {.name = "d"})}, {.name = "inner"})},
                    {.name = "net"});
}

// What an optimizer before TensorFlow 2.11 wrote: the step, momenta, velocities.
void write_old_adam(formats::Hdf5Writer& file, const std::vector<Variable>& weights) {
  std::vector<std::string> names = {"Adam/iter:0"};
  file.dataset("optimizer_weights/Adam/iter:0", Array::full({}, 7, int64));
  double value = 1;
  for (const char* slot : {"m", "v"}) {
    for (const Variable& weight : weights) {
      names.push_back("Adam/" + weight.name() + "/" + slot + ":0");
      file.dataset("optimizer_weights/" + names.back(), Array::full(weight.shape(), value++));
    }
  }
  file.string_list("optimizer_weights", "weight_names", names);
}

}  // namespace

TEST_CASE("groups and names are Keras 3's") {
  formats::Hdf5Writer writer;
  write_legacy_model(writer, net(), false);
  formats::Hdf5Reader file = read_back(writer);
  CHECK(file.string_list("model_weights", "layer_names") ==
        std::vector<std::string>{"hidden", "inner"});
  CHECK(file.string_list("model_weights/inner", "weight_names") ==
        std::vector<std::string>{"inner/d/kernel", "inner/d/bias"});
  CHECK(file.info("model_weights/hidden/hidden/kernel").shape == Shape{4, 3});
  CHECK(file.attribute("", "keras_version") == Json("3.15.1"));
}

TEST_CASE("weights are matched by order and refused, naming both sides, when they do not fit") {
  formats::Hdf5Writer writer;
  write_legacy_model(writer, net(), false);
  formats::Hdf5Reader file = read_back(writer);
  Sequential other({Input({4}), Dense(3), Dense(2)});  // other names, the same weights
  CHECK_NOTHROW(read_legacy_weights(file, other));
  Sequential shorter({Input({4}), Dense(3)}), longer({Input({4}), Dense(3), Dense(2), Dense(1)});
  CHECK_THROWS_WITH_AS(read_legacy_weights(file, shorter),
                       "model.h5: model_weights/inner: holds 2 weights, expected 0 for no further "
                       "layer",
                       Corruption);
  CHECK_THROWS_WITH_AS(read_legacy_weights(file, longer),
                       doctest::Contains("of 2 layers, expected 3"), Corruption);
}

TEST_CASE("the optimizer's state of TensorFlow before 2.11 is read in its order") {
  Sequential model({Input({4}), Dense(3)});
  model.compile({.loss = "mse", .optimizer = "adam"});
  formats::Hdf5Writer writer;
  write_old_adam(writer, model.trainable_weights());
  formats::Hdf5Reader file = read_back(writer);
  CHECK(read_legacy_optimizer(file, model));
  const std::vector<Variable> variables = model.optimizer().variables();
  CHECK(model.optimizer().iterations() == 7);
  CHECK(model.optimizer().learning_rate() == doctest::Approx(0.001));
  const double expected[] = {1, 3, 2, 4};  // kernel m and v, bias m and v
  for (std::size_t i = 0; i < 4; ++i) CHECK(variables[i + 2].value().flat(0) == expected[i]);
}

TEST_CASE("the state of another optimizer is left out with a warning") {
  Sequential model({Input({4}), Dense(3)});
  model.compile({.loss = "mse", .optimizer = optimizers::SGD(0.1)});
  formats::Hdf5Writer writer;
  write_old_adam(writer, model.trainable_weights());
  formats::Hdf5Reader file = read_back(writer);
  const WarningRecorder warnings;
  CHECK_FALSE(read_legacy_optimizer(file, model));
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("the state of the optimizer was not loaded") != std::string::npos);
}
