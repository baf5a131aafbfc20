#include <banach/core/errors.hpp>
#include <banach/layers/activation.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/layers/input.hpp>
#include <banach/models/functional.hpp>
#include <banach/models/sequential.hpp>
#include <banach/ops/elementwise.hpp>
#include <tests/support/check_layer.hpp>
#include <tests/support/tolerance.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

// A layer of two inputs and two outputs: their sum and their difference.
class SumAndDifference final : public LayerOf<SumAndDifference> {
 public:
  using LayerOf::LayerOf;
  Tensors call_many(const Tensors& x, const CallContext&) override {
    return {x.at(0) + x.at(1), x.at(0) - x.at(1)};
  }
};

std::vector<std::string> names(const Model& model) {
  std::vector<std::string> result;
  for (const auto& layer : model.layers()) result.push_back(layer->name());
  return result;
}

Array random(const Shape& shape) { return normal_array(shape, 3); }

}  // namespace

TEST_CASE("a functional model computes what its layers compute") {
  Dense first(5, {.activation = "tanh"}), second(2);
  const Tensor x = Input({4});
  Model model(x, second(first(x)));
  CHECK(model.class_name() == "Functional");
  CHECK(model.input_shapes() == std::vector<Shape>{{kUnknown, 4}});
  CHECK(model.output_shapes() == std::vector<Shape>{{kUnknown, 2}});
  const Array data = random({3, 4});
  CHECK(relative_difference(model.predict(data), second(first(data))) <= Tolerance::kFloat32);
}

TEST_CASE("layers come in Keras' order, each once, and share their weights") {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  Dense shared(3, {.name = "shared"});
  const Tensors both = SumAndDifference({.name = "both"}).apply({shared(a), shared(b)});
  Model model({a, b}, {Dense(2, {.name = "left"})(both[0]), Dense(1, {.name = "right"})(both[1])});
  CHECK(names(model) == std::vector<std::string>{"a", "b", "shared", "both", "left", "right"});
  CHECK(model.weights().size() == 6);
  CHECK(model.input_names() == std::vector<std::string>{"a", "b"});
  CHECK(model.output_names() == std::vector<std::string>{"left", "right"});
  CHECK(model.graph()->calls(shared).size() == 2);
}

TEST_CASE("several inputs and outputs go in order or by name") {
  const Tensor a = Input({2}, {.name = "a"}), b = Input({2}, {.name = "b"});
  const Tensors both = SumAndDifference({.name = "both"}).apply({a, b});
  Model model({a, b}, {layers::Activation("linear", {.name = "sum"})(both[0]),
                       layers::Activation("linear", {.name = "difference"})(both[1])});
  const Array xa = random({5, 2}), xb = normal_array({5, 2}, 4);
  const std::vector<Array> y = model.predict_outputs({xa, xb});
  REQUIRE(y.size() == 2);
  CHECK(max_abs_difference(y[0], xa + xb) == 0);
  CHECK(max_abs_difference(y[1], xa - xb) == 0);
  const std::vector<Array> named = model.predict_outputs({{"b", xb}, {"a", xa}}, {.batch_size = 2});
  CHECK(max_abs_difference(named[1], xa - xb) == 0);
  CHECK_THROWS_WITH_AS(model.predict({xa, xb}),
                       doctest::Contains("has 2 outputs: use predict_outputs()"), InvalidArgument);
  CHECK_THROWS_WITH_AS(model.predict_outputs(xa),
                       "[predict] expected 2 arrays for x (a, b), received 1", InvalidArgument);
  CHECK_THROWS_WITH_AS(model.predict_outputs({{"a", xa}, {"c", xb}}),
                       "[predict] no array for x 'b', received a, c", InvalidArgument);
}

TEST_CASE("each output has its loss, its weight in the sum and its metrics") {
  const Tensor x = Input({3});
  Model model(x, {Dense(1, {.name = "p"})(x), Dense(1, {.name = "q"})(x)});
  model.compile({.loss = {{"p", "mse"}, {"q", "mae"}},
                 .metrics = {{"q", {"mse"}}},
                 .loss_weights = {{"p", 0.5}, {"q", 2.0}}});
  CHECK(model.metrics_names() == std::vector<std::string>{"loss", "p_loss", "q_loss", "q_mse"});
  const Array data = random({6, 3}), y = normal_array({6, 1}, 9);
  const std::vector<double> score = model.evaluate(data, {y, y}, {.verbose = 0});
  CHECK(score[0] == doctest::Approx(0.5 * score[1] + 2 * score[2]).epsilon(1e-6));
  const std::vector<Array> predicted = model.predict_outputs(data);
  double squares = 0;
  for (int i = 0; i < 6; ++i) {
    squares += (predicted[0].flat(i) - y.flat(i)) * (predicted[0].flat(i) - y.flat(i)) / 6;
  }
  CHECK(score[1] == doctest::Approx(squares).epsilon(1e-6));
  const History history = model.fit(data, {y, y}, {.batch_size = 4, .epochs = 2, .verbose = 0});
  CHECK(history.history.at("q_loss").size() == 2);
  CHECK(history.history.at("loss")[1] < history.history.at("loss")[0]);
}

TEST_CASE("models are layers of models, and begin in the middle of others") {
  Sequential encoder({Input({4}), Dense(6, {.activation = "selu", .name = "hidden"}),
                      AlphaDropout(0.1), Dense(2, {.name = "code"})});
  const Tensor x = Input({4});
  const Tensor code = encoder(x);
  Model whole(x, Dense(4)(code));
  CHECK(whole.weights().size() == 6);
  CHECK(names(whole)[1] == encoder.name());

  Model features(encoder.inputs(), encoder.layer_output("hidden"));
  const Array data = random({3, 4});
  CHECK(features.predict(data).shape() == Shape{3, 6});
  CHECK(features.weights() == encoder.get_layer("hidden")->weights());

  Model rest(encoder.layer_output("hidden"), encoder.outputs());
  CHECK(rest.input_shapes() == std::vector<Shape>{{kUnknown, 6}});
  CHECK(relative_difference(rest.predict(features.predict(data)), encoder.predict(data)) <=
        Tolerance::kFloat32);
}

TEST_CASE("what cannot be a functional model is said") {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Tensor y = SumAndDifference().apply({a, b})[0];
  CHECK_THROWS_WITH_AS(
      Model(a, y),
      "[Model] the outputs depend on 'b', which is not among the inputs: add it to them",
      InvalidArgument);
  CHECK_THROWS_WITH_AS(Model(a, Dense(2, {.name = "a"})(a)),
                       "[Model] all layers must have unique names, received two called 'a'",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(a + b, doctest::Contains("'add' received a tensor of a functional model"),
                       InvalidArgument);
  CHECK_THROWS_AS(Model(constant(random({2, 4})), y), InvalidArgument);
  Model model({a, b}, y);
  CHECK_THROWS_WITH_AS(model(a), doctest::Contains("expected 2 inputs (a, b), received 1"),
                       InvalidArgument);
}
