#include <banach/core/errors.hpp>
#include <banach/layers/activation.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/layers/input.hpp>
#include <banach/models/functional.hpp>
#include <banach/models/model_config.hpp>
#include <banach/models/sequential.hpp>
#include <tests/nn/warnings.hpp>
#include <tests/support/check_layer.hpp>
#include <tests/support/nets.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

// The same config again, and the same predictions with the same weights.
void check_there_and_back(const Model& model, const std::vector<Array>& x) {
  const Json config = serialize(model);
  const auto again = std::dynamic_pointer_cast<Model>(deserialize(config));
  REQUIRE(again);
  CHECK(serialize(*again) == config);
  again->set_weights(model.get_weights());
  const auto expected = model.predict_outputs(x), got = again->predict_outputs(x);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(max_abs_difference(got[i], expected[i]) == 0);
  }
}

Json dense(const std::string& name, Json inbound) {
  return Json::dict({{"module", "keras.layers"},
                     {"class_name", "Dense"},
                     {"config", Json::dict({{"name", name}, {"units", 2}})},
                     {"name", name},
                     {"inbound_nodes", std::move(inbound)}});
}

Json input(const std::string& name) {
  return Json::dict(
      {{"class_name", "InputLayer"},
       {"config", Json::dict({{"name", name}, {"batch_shape", Json::list({Json(), 3})}})},
       {"name", name},
       {"inbound_nodes", Json::list()}});
}

Json identity(const std::string& name, Json inbound) {
  return Json::dict({{"class_name", "Identity"},
                     {"config", Json::dict({{"name", name}})},
                     {"name", name},
                     {"inbound_nodes", std::move(inbound)}});
}

// TensorFlow 2's form of one call with one input.
Json call(const std::string& layer, int number = 0, int output = 0) {
  return Json::list({Json::list({Json::list({layer, number, output, Json::dict()})})});
}

Json functional(Json layers, Json outputs) {
  return Json::dict({{"class_name", "Functional"},
                     {"config", Json::dict({{"name", "net"},
                                            {"layers", std::move(layers)},
                                            {"input_layers", Json::list({"a", 0, 0})},
                                            {"output_layers", std::move(outputs)}})}});
}

// Keras 3's form of a tensor and of a call.
Json tensor(const std::string& layer, int axes = 2, const std::string& dtype = "float32") {
  return Json::dict({{"class_name", "__keras_tensor__"},
                     {"config", Json::dict({{"shape", Json::list(Json::List(axes, Json(3)))},
                                            {"dtype", dtype},
                                            {"keras_history", Json::list({layer, 0, 0})}})}});
}

Json call_with(Json::List arguments, Json keywords = Json::dict()) {
  return Json::list(
      {Json::dict({{"args", std::move(arguments)}, {"kwargs", std::move(keywords)}})});
}

// What Keras 3 writes for x * y.
Json keras_operator(const std::string& class_name, Json calls,
                    const std::string& module = "keras.src.ops.numpy") {
  return Json::dict({{"module", module},
                     {"class_name", class_name},
                     {"config", Json::dict({{"name", "o"}})},
                     {"registered_name", class_name},
                     {"name", "o"},
                     {"inbound_nodes", std::move(calls)}});
}

// The model a -> (a, identity of a) -> `layer`, which is called "o".
std::shared_ptr<Model> read_with(const Json& layer) {
  return std::dynamic_pointer_cast<Model>(deserialize(functional(
      Json::list({input("a"), identity("b", call("a")), layer}), Json::list({"o", 0, 0}))));
}

}  // namespace

TEST_CASE("a Sequential is made again from its config") {
  check_there_and_back(tutorial_net(), {normal_array({2, 28, 28, 1}, 1)});
}

TEST_CASE("a functional model with shared and nested models is made again from its config") {
  const Tensor x = Input({3}, {.name = "x"});
  Sequential inner({Input({3}), Dense(3, {.activation = "selu"}), AlphaDropout(0.05)});
  const Tensor h = Input({3});
  Model functional(h, Dense(3)(h), {.name = "inside"});
  const Tensor twice = functional(functional(inner(x)));
  Model model(x, {twice, Dense(2)(inner(twice))});
  check_there_and_back(model, {normal_array({4, 3}, 1)});
}

TEST_CASE("TensorFlow 2's form of a graph is read") {
  const auto model = std::dynamic_pointer_cast<Model>(
      deserialize(functional(Json::list({input("a"), dense("d", call("a")), dense("e", call("d"))}),
                             Json::list({Json::list({"e", 0, 0})}))));
  REQUIRE(model);
  CHECK(model->output_shapes() == std::vector<Shape>{{kUnknown, 2}});
  CHECK(model->layers().size() == 3);
}

TEST_CASE("a layer called twice is read when its first call has to wait") {
  const Json later = Json::list({Json::list({"b", 0, 0, Json::dict()})}),
             at_once = Json::list({Json::list({"a", 0, 0, Json::dict()})});
  const auto model = std::dynamic_pointer_cast<Model>(deserialize(functional(
      Json::list({input("a"), dense("d", Json::list({later, at_once})), identity("b", call("a"))}),
      Json::list({Json::list({"d", 0, 0}), Json::list({"d", 1, 0})}))));
  REQUIRE(model);
  CHECK(model->output_shapes().size() == 2);
}

TEST_CASE("a graph that cannot be is said, with the model and the layer") {
  const auto read = [](Json layers, Json outputs) {
    deserialize(functional(std::move(layers), std::move(outputs)));
  };
  const Json out = Json::list({"d", 0, 0});
  CHECK_THROWS_WITH_AS(
      read(Json::list({input("a"), dense("d", call("e")), dense("e", call("d"))}), out),
      "[net] its graph has a cycle, or calls that are not there: the inputs of d, "
      "e never come",
      InvalidArgument);
  CHECK_THROWS_WITH_AS(read(Json::list({input("a"), dense("d", call("b"))}), out),
                       "[net] its graph names a layer 'b' that there is not", InvalidArgument);
  CHECK_THROWS_AS(read(Json::list({input("a"), dense("d", call("a", 0, 7))}), out),
                  InvalidArgument);
  CHECK_THROWS_AS(read(Json::list({input("a"), dense("d", call("a", -5))}), out), InvalidArgument);
  CHECK_THROWS_WITH_AS(read(Json::list({input("a"), input("a")}), out),
                       "[net] two layers are called 'a'", InvalidArgument);
}

TEST_CASE("an unknown class is named with its layer, an unknown option is a note") {
  Json layer = dense("d", Json::list());
  layer["class_name"] = "Densee";
  CHECK_THROWS_WITH_AS(deserialize(layer),
                       doctest::Contains("[d] unknown layer class 'Densee'. Did you mean 'Dense'?"),
                       NotFound);
  layer["class_name"] = "Lambda";
  CHECK_THROWS_AS(deserialize(layer), NotFound);
}

TEST_CASE("an operator on two tensors is the layer that computes the same") {
  const Array x = normal_array({2, 3}, 1);
  const auto product = read_with(keras_operator("Multiply", call_with({tensor("a"), tensor("b")})));
  CHECK(max_abs_difference(product->predict(x), x * x) == 0);
  const Json::List both = {tensor("a"), tensor("b")};
  CHECK(read_with(keras_operator("Concatenate", call_with({Json(both)})))->output_shapes() ==
        std::vector<Shape>{{kUnknown, 6}});
  const auto wide =
      keras_operator("Add", call_with({tensor("a", 2, "float64"), tensor("b", 2, "float64")}));
  CHECK(read_with(wide)->layers().back()->compute_dtype() == float64);
}

TEST_CASE("an operator that no layer computes is refused") {
  const auto refused = [](const std::string& class_name, const Json& call, const char* text) {
    CHECK_THROWS_WITH_AS(read_with(keras_operator(class_name, call)), doctest::Contains(text),
                         NotSupported);
  };
  const Json a = tensor("a");
  refused("Multiply", call_with({a, 2.0}), "[o] expected a call with tensors alone, received 2");
  refused("Add", call_with({1, a}), "[o] expected a call with tensors alone, received 1");
  refused("Add", call_with({a, Json::dict({{"class_name", "__numpy__"}})}), "[o] expected a call");
  refused("Maximum", call_with({a}), "[o] expected an operator on tensors of one rank and dtype");
  refused("Add", call_with({a, tensor("b", 1)}), "[o] expected an operator on tensors");
  refused("Add", call_with({a, tensor("b", 2, "float16")}), "[o] expected an operator on tensors");
  refused("Add", call_with({a}, Json::dict({{"x2", tensor("b")}})), "received x2=");
  refused("Average", call_with({a}), "[o] the operator Average (keras.src.ops.numpy)");
  refused("Softmax", call_with({a}), "[o] the operator Softmax");
}

TEST_CASE("what a call takes beside tensors is refused, or said, unless it is null") {
  const auto with = [](Json::List arguments, Json keywords) {
    Json layer = identity("o", call_with(std::move(arguments), std::move(keywords)));
    return read_with(layer);
  };
  const auto training = [](const Json& value) { return Json::dict({{"training", value}}); };
  WarningRecorder warnings;
  CHECK(with({tensor("a"), Json()}, Json::dict({{"mask", Json()}})));
  CHECK(with({tensor("a")}, Json::dict({{"mask", Json::list({Json(), Json()})}})));
  CHECK(with({}, Json::dict({{"inputs", tensor("a")}})));
  CHECK(warnings.size() == 0);
  CHECK(with({tensor("a")}, training(false)));
  CHECK(warnings.size() == 1);
  CHECK_THROWS_WITH_AS(with({tensor("a")}, training(true)),
                       doctest::Contains("[o] expected a call with tensors alone, received "
                                         "training=true"),
                       NotSupported);
  CHECK_THROWS_AS(with({tensor("a"), true}, Json::dict()), NotSupported);
  CHECK_THROWS_AS(with({tensor("a")}, Json::dict({{"mask", tensor("b")}})), NotSupported);
  const Json legacy = Json::list({"a", 0, 0, Json::dict({{"y", 2.0}})});
  CHECK_THROWS_AS(read_with(identity("o", Json::list({Json::list({legacy})}))), NotSupported);
}

TEST_CASE("a class of another module is not Keras' class of that name") {
  CHECK_THROWS_WITH_AS(
      read_with(keras_operator("Identity", call_with({tensor("a")}), "somebodys.layers")),
      doctest::Contains("[o] unknown layer class 'Identity'"), NotFound);
}

TEST_CASE("a model whose inputs or outputs have names is refused, naming the field") {
  const Json outputs = Json::dict({{"y", Json::list({"a", 0, 0})}});
  CHECK_THROWS_WITH_AS(deserialize(functional(Json::list({input("a")}), outputs)),
                       doctest::Contains("[net] output_layers: expected a list of tensors, "
                                         "received a dict"),
                       NotSupported);
}
