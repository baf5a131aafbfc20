#include <banach/core/errors.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/input.hpp>
#include <banach/layers/merge.hpp>
#include <banach/layers/registry.hpp>
#include <banach/models/functional.hpp>
#include <banach/models/model.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/reduce.hpp>
#include <tests/layers/golden_layer.hpp>
#include <tests/support/check_op.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

// Output and gradients of a layer of `count` inputs against Keras'.
template <class Make>
void check_merge(const std::string& name, std::size_t count, const Make& make) {
  for (const DType dtype : {float64, float32}) {
    const GoldenLayer keras{name, dtype, "layers_more"};
    const FloatxGuard guard(dtype);
    auto layer = make();
    Tape tape;
    Tape::Scope scope(tape);
    std::vector<Array> values;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(keras["x" + std::to_string(i)]);
      tape.input("x", values.back().shape(), dtype);
    }
    const Tensor y = layer(tape.inputs);
    tape.outputs = gradients(ops::sum(y * constant(keras["c"])), tape.inputs);
    tape.outputs.push_back(y);
    const BackendPtr backend = get_backend(dtype == float64 ? "reference" : "cpu");
    const std::vector<Array> got = run_tape(tape, values, backend);
    for (std::size_t i = 0; i < count; ++i) keras.compare(got[i], "dx" + std::to_string(i));
    keras.compare(got.back(), "y");
  }
}

// What a layer says of inputs of these shapes.
std::string error_of(Layer& layer, const std::vector<Shape>& shapes) {
  std::vector<TensorSpec> specs;
  for (const Shape& shape : shapes) specs.push_back({shape, float32});
  try {
    layer.compute_output_specs(specs);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("merge layers are Keras' in values and gradients, with broadcasts and ties") {
  check_merge("add", 3, [] { return Add(); });
  check_merge("add_broadcast", 2, [] { return Add(); });
  check_merge("add_ranks", 2, [] { return Add(); });
  check_merge("subtract", 2, [] { return Subtract(); });
  check_merge("multiply", 3, [] { return Multiply(); });
  check_merge("average", 3, [] { return Average(); });
  check_merge("maximum", 3, [] { return Maximum(); });
  check_merge("minimum", 3, [] { return Minimum(); });
  check_merge("concatenate", 3, [] { return Concatenate(); });
  check_merge("concatenate_axis1", 2, [] { return Concatenate(1); });
}

TEST_CASE("merge layers come back from their configs") {
  for (const LayerRow& row : layer_registry()) {
    if (row.inputs == 1) continue;
    CAPTURE(std::string(row.class_name));
    const std::shared_ptr<Layer> layer = row.example();
    CHECK(layer->class_name() == row.class_name);
    const Json serialized = serialize_layer(*layer);
    CHECK(serialize_layer(*deserialize_layer(serialized)) == serialized);
  }
}

TEST_CASE("merge layers join the branches of a model, in bfloat16 too") {
  for (const char* policy : {"float32", "mixed_bfloat16"}) {
    const Tensor x = Input({4});
    Dense left(3, {.dtype = policy}), right(3, {.dtype = policy});
    const Tensor sum = Add({.dtype = policy})({left(x), right(x)});
    Model adding(x, sum), joining(x, Concatenate(-1, {.dtype = policy})({sum, left(x)}));
    const Array data = normal_array({5, 4}, 1);
    const Array expected = left(data).astype(float32) + right(data).astype(float32);
    CHECK(relative_difference(adding.predict(data), expected) <= Tolerance::kBfloat16);
    CHECK(joining.output_shapes()[0].str() == "(None, 6)");
    joining.compile({.loss = "mse", .optimizer = "adam"});
    const Array before = left.get_weights()[0];
    joining.train_on_batch(data, Array({5, 6}));
    CHECK(max_abs_difference(left.get_weights()[0], before) > 0);
  }
}

TEST_CASE("merge layers say what is wrong") {
  Add add({.name = "sum"});
  CHECK(error_of(add, {{kUnknown, 3}, {kUnknown, 4}}) ==
        "[sum] expected inputs whose shapes broadcast, received (None, 3) and (None, 4)");
  CHECK(error_of(add, {{5, 3}, {6, 3}}) ==
        "[sum] expected inputs of one batch size, received (5, 3) and (6, 3)");
  Subtract subtract({.name = "minus"});
  CHECK(error_of(subtract, {{kUnknown, 3}}) == "[minus] expected exactly 2 inputs, received 1");
  Concatenate join(1, {.name = "join"});
  CHECK(error_of(join, {{kUnknown, 3, 4}, {kUnknown, 2, 5}}) ==
        "[join] expected inputs of one shape but for axis 1, received (None, 3, 4) and (None, 2, "
        "5)");
}

TEST_CASE("small letters make a layer and call it") {
  const Tensor a = Input({3}), b = Input({3});
  const Tensor x = concatenate({add({a, b}), subtract({a, b}), multiply({a, b}), average({a, b})});
  Model model({a, b}, {concatenate({x, maximum({a, b}), minimum({a, b}, {.name = "least"})}, 1)});
  const Array one = Array::full({1, 3}, 1), two = Array::full({1, 3}, 2);
  const Array y = model.predict({one, two});
  const std::vector<double> expected = {3, -1, 2, 1.5, 2, 1};
  for (int i = 0; i < 18; ++i) CHECK(y.flat(i) == expected[i / 3]);
  CHECK(model.get_layer("least")->class_name() == "Minimum");
}
