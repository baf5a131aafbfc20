#include <banach/core/errors.hpp>
#include <banach/formats/file.hpp>
#include <banach/layers/registry.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/ops/slice.hpp>
#include <banach/ops/upsampling.hpp>
#include <banach/snn/selu.hpp>
#include <tests/onnx/exported.hpp>
#include <tests/support/floatx_guard.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/policy_guard.hpp>
#include <tests/support/temp_dir.hpp>

#include <algorithm>
#include <functional>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;
using banach::onnx::export_model;

namespace {

using Strings = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;

// A layer made of a function.
class Compute final : public LayerOf<Compute> {
 public:
  explicit Compute(std::function<Tensor(const Tensor&)> f)
      : LayerOf(CommonOptions{.name = "compute"}), f_(std::move(f)) {}
  Tensor call(const Tensor& x, const CallContext&) override { return f_(x); }

 private:
  std::function<Tensor(const Tensor&)> f_;
};

// y = f(x) of samples of this shape.
Sequential model_of(const Shape& sample, std::function<Tensor(const Tensor&)> f) {
  return Sequential({Input(sample), Compute(std::move(f))}, {.name = "net"});
}

class Sum final : public LayerOf<Sum> {
 public:
  using LayerOf::LayerOf;
  Tensors call_many(const Tensors& x, const CallContext&) override { return {x.at(0) + x.at(1)}; }
};

std::int64_t count(const Strings& types, const std::string& type) {
  return std::ranges::count(types, type);
}

Tensor filtered(const Tensor& x) {
  return ops::conv2d(x, constant(Array::full({3, 3, 2, 4}, 0.1, x.dtype())),
                     make_window({x.dim(1), x.dim(2)}, 3, 1, 1, "same"));
}

}  // namespace

TEST_CASE("every layer of the registry has an ONNX form") {
  for (const DType dtype : {float32, float64}) {
    const FloatxGuard guard(dtype);
    for (const int opset : {13, 17}) {
      for (const LayerRow& row : layer_registry()) {
        INFO(row.class_name, " opset ", opset);
        const std::shared_ptr<Layer> layer = row.example();
        Tensors inputs;
        for (int i = 0; i < row.inputs; ++i) inputs.push_back(Input({6, 6, 2}));
        const auto* input_layer = dynamic_cast<const InputLayer*>(layer.get());
        if (input_layer) inputs = {Input(*input_layer)};
        Model model(inputs, input_layer ? inputs : layer->apply(inputs));
        const auto proto = exported(model, {.opset = opset});
        CHECK(proto.graph().output(0).name().starts_with(layer->name()));
        CHECK(shape_text(proto.graph().output(0)).starts_with("(batch"));
      }
    }
  }
}

TEST_CASE("every elementwise function has an ONNX form") {
  const auto same_for = [](const std::string& name, const std::function<Tensor(const Tensor&)>& f) {
    INFO(name);
    Sequential model = model_of({4}, f);
    CHECK(shape_text(exported(model).graph().output(0)) == "(batch, 4)");
  };
  functions::for_each<functions::Unary>([&]<class F>() {
    same_for(std::string(F::kName), [](const Tensor& x) { return ops::unary<F>(x, {0.3, 1.2}); });
  });
  functions::for_each<functions::Binary>([&]<class F>() {
    same_for(std::string(F::kName), [](const Tensor& x) {
      return make_node<BinaryOp<F>>({x, constant(0.5, x.dtype())});
    });
  });
}

TEST_CASE("the tutorial's net has the names, shapes and operators that one expects") {
  Sequential model = tutorial_net();
  const auto proto = exported(model, {.doc_string = "digits"});
  CHECK(proto.producer_name() == "banach");
  CHECK(proto.producer_version() != "");
  CHECK(proto.doc_string() == "digits");
  CHECK(proto.opset_import(0).version() == 17);
  CHECK(op_types(proto) == Strings{"Transpose", "Conv", "Selu", "Transpose", "Reshape", "MatMul",
                                   "Add", "Selu", "MatMul", "Add", "Softmax"});
  REQUIRE(proto.graph().input_size() == 1);
  CHECK(proto.graph().input(0).name() == model.input_names()[0]);
  CHECK(shape_text(proto.graph().input(0)) == "(batch, 28, 28, 1)");
  CHECK(proto.graph().output(0).name() == model.output_names()[0]);
  CHECK(shape_text(proto.graph().output(0)) == "(batch, 10)");
  CHECK(proto.graph().node(1).name().starts_with(model.name() + "/conv2d"));
  const auto& selu = proto.graph().node(2);
  CHECK(selu.attribute(0).f() == doctest::Approx(snn::kSeluAlpha).epsilon(1e-7));
  CHECK(selu.attribute(1).f() == doctest::Approx(snn::kSeluScale).epsilon(1e-7));
  for (const Variable& weight : model.weights()) initializer(proto, weight.name());
  CHECK(values<float>(initializer(proto, model.weights()[2].name()))[7] ==
        model.weights()[2].value().flat(7));
}

TEST_CASE("kernels of convolutions come with the filters first") {
  Sequential model({Input({6, 6, 4}), Conv2D(6, {3, 2}, {.groups = 2, .name = "conv"})});
  const Array kernel = model.weights()[0].value();
  const auto proto = exported(model);
  const auto& tensor = initializer(proto, "conv/kernel");
  CHECK(dims(tensor) == Integers{6, 2, 3, 2});
  CHECK(values<float>(tensor)[((4 * 2 + 1) * 3 + 2) * 2 + 1] == kernel.at({2, 1, 1, 4}));
}

TEST_CASE("padding, strides, dilation and groups are attributes") {
  Sequential model(
      {Input({7, 8, 4}), Conv2D(6, {3, 2}, {.strides = {2, 1}, .padding = "same", .groups = 2})});
  const auto attributes = exported(model).graph().node(1).attribute();
  const auto ints = [&](const std::string& name) {
    for (const auto& a : attributes) {
      if (a.name() == name) return Integers(a.ints().begin(), a.ints().end());
    }
    return Integers();
  };
  CHECK(ints("kernel_shape") == Integers{3, 2});
  CHECK(ints("strides") == Integers{2, 1});
  CHECK(ints("pads") == Integers{1, 0, 1, 1});  // height and width before, then after
  CHECK(ints("dilations") == Integers{1, 1});
}

TEST_CASE("a bias becomes part of its convolution where nothing else sees the sum before") {
  const Variable bias("bias", Array({4}));
  const auto types = [&](const std::function<Tensor(const Tensor&)>& f) {
    Sequential model = model_of({6, 6, 2}, f);
    return op_types(exported(model));
  };
  CHECK(count(types([&](const Tensor& x) { return filtered(x) + bias; }), "Add") == 0);
  CHECK(count(types([&](const Tensor& x) {
                const Tensor y = filtered(x);
                return ops::maximum(y + bias, y);
              }),
              "Add") == 1);
}

TEST_CASE("class numbers become rows of zeros and a one") {
  Sequential model = model_of({4}, [](const Tensor& x) { return ops::one_hot(x, 3); });
  const auto proto = exported(model);
  CHECK(op_types(proto) == Strings{"Cast", "OneHot"});
  const auto& one_hot = proto.graph().node(1);
  CHECK(values<std::int64_t>(initializer(proto, one_hot.input(1))) == Integers{3});
  CHECK(values<float>(initializer(proto, one_hot.input(2))) == std::vector<float>{0, 1});
  CHECK(shape_text(proto.graph().output(0)) == "(batch, 4, 3)");
}

TEST_CASE("images stay with their channels first from convolution to convolution") {
  Sequential model({Input({12, 12, 3}), Conv2D(8, 3, {.activation = "selu"}), BatchNormalization(),
                    MaxPooling2D(2), Conv2D(4, 2, {.use_bias = false}), AveragePooling2D(2)});
  const Strings types = op_types(exported(model));
  CHECK(count(types, "Transpose") == 2);
  CHECK(types.front() == "Transpose");
  CHECK(types.back() == "Transpose");
  CHECK(count(types, "Unsqueeze") == 3);  // mean, scale and beta of the normalization
}

TEST_CASE("padding, enlarging, joining and reducing keep the channels first") {
  Sequential model = model_of({6, 6, 2}, [](const Tensor& x) {
    const Tensor y = filtered(x);
    const Tensor wide = ops::pad(y, {{0, 0}, {0, 0}, {2, 4}, {0, 0}});
    const Tensor large = ops::up_sample2d(y, {1, 2}, Interpolation::bilinear);
    return ops::max(ops::concatenate({wide, large}, -1), {1, 2});
  });
  const auto proto = exported(model);
  CHECK(op_types(proto) ==
        Strings{"Transpose", "Transpose", "Conv", "Pad", "Resize", "Concat", "ReduceMax"});
  CHECK(shape_text(proto.graph().output(0)) == "(batch, 8)");
}

TEST_CASE("images are enlarged from the samples that Keras takes") {
  const auto attributes = [](Interpolation interpolation) {
    Sequential model = model_of({6, 6, 2}, [=](const Tensor& x) {
      return ops::up_sample2d(x, {2, 3}, interpolation);
    });
    Strings result;
    const auto proto = exported(model);
    for (const auto& a : proto.graph().node(1).attribute()) result.push_back(a.s());
    return result;
  };
  CHECK(attributes(Interpolation::nearest) == Strings{"nearest", "asymmetric", "floor"});
  CHECK(attributes(Interpolation::bilinear) == Strings{"linear", "half_pixel"});
}

TEST_CASE("the last of an unknown number of steps is a slice") {
  Sequential model = model_of({kUnknown, 4}, [](const Tensor& x) {
    return ops::slice(x, {0, x.dim(1) - 1, 1}, {x.dim(0), 1, 2});
  });
  const auto proto = exported(model);
  CHECK(count(op_types(proto), "Slice") == 1);
  CHECK(shape_text(proto.graph().output(0)) == "(batch, 1, 2)");
}

TEST_CASE("a normalization of layers is an operator of opset 17, and arithmetic before") {
  Sequential model({Input({4}), LayerNormalization()});
  CHECK(op_types(exported(model)) == Strings{"LayerNormalization"});
  CHECK(count(op_types(exported(model, {.opset = 16})), "Sqrt") == 1);
}

TEST_CASE("moments over height and width need no transposed image") {
  Sequential model = model_of({6, 6, 2}, [](const Tensor& x) {
    const Tensor y = filtered(x);
    return ops::mean(y - ops::mean(y, {1, 2}, true), {1, 2});
  });
  CHECK(count(op_types(exported(model)), "Transpose") == 2);  // of the input and of the kernel
}

TEST_CASE("several inputs and outputs keep names and order") {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  Dense shared(3, {.name = "shared"});
  const Tensor sum = Sum({.name = "sum"}).apply({shared(a), shared(b)})[0];
  Model model({a, b}, {Dense(2, {.name = "left"})(sum), sum, sum, b});
  const auto proto = exported(model);
  CHECK(proto.graph().input(0).name() == "a");
  CHECK(proto.graph().input(1).name() == "b");
  CHECK(proto.graph().output(0).name() == "left");
  CHECK(proto.graph().output(1).name() == "sum");
  CHECK(proto.graph().output(2).name() == "sum_1");  // names are unique in ONNX
  CHECK(proto.graph().output(3).name() == "b_1");
  CHECK(std::ranges::count_if(proto.graph().initializer(), [](const auto& tensor) {
          return tensor.name().starts_with("shared/kernel");
        }) == 1);
}

TEST_CASE("open dimensions are copied, computed or taken from the inputs") {
  const auto shape_of = [](const std::function<Tensor(const Tensor&)>& f) {
    Sequential model = model_of({4, 6}, f);
    const auto proto = exported(model);
    return std::pair(op_types(proto), shape_text(proto.graph().output(0)));
  };
  const auto [copied, copied_shape] = shape_of([](const Tensor& x) {
    return ops::reshape(x, {x.dim(0), 24});
  });
  CHECK(copied == Strings{"Reshape"});
  CHECK(copied_shape == "(batch, 24)");
  const auto [computed, computed_shape] = shape_of([](const Tensor& x) {
    return ops::reshape(x, {-1, 3});
  });
  CHECK(computed == Strings{"Reshape"});
  CHECK(computed_shape == "(?, 3)");
  const auto [taken, taken_shape] = shape_of([](const Tensor& x) {
    return ops::broadcast_to(constant(Array::full({6}, 1, x.dtype())), {x.dim(0), 4, 6});
  });
  CHECK(taken == Strings{"Shape", "Gather", "Concat", "Expand"});
  CHECK(taken_shape == "(batch, 4, 6)");
}

TEST_CASE("a dimension besides the batch may be open") {
  Sequential model({Input({kUnknown, 4}), Dense(6), Dense(3)});
  const auto proto = exported(model);
  CHECK(shape_text(proto.graph().input(0)) == "(batch, dim_1, 4)");
  CHECK(shape_text(proto.graph().output(0)) == "(batch, dim_1, 3)");
}

TEST_CASE("numbers that follow from the batch size are computed") {
  Sequential mean = model_of({4}, [](const Tensor& x) { return x - ops::mean(x, {0}, true); });
  CHECK(op_types(exported(mean)) ==
        Strings{"ReduceSum", "Shape", "Gather", "Squeeze", "Cast", "Div", "Sub"});
  Sequential state = model_of({4}, [](const Tensor& x) {
    return x + constant(Array::full({x.dim(0), 4}, 2, x.dtype()));
  });
  CHECK(count(op_types(exported(state)), "Expand") == 1);
}

TEST_CASE("a model with a call() of its own says its input shapes") {
  class Twice final : public LayerOf<Twice, Model> {
   public:
    using LayerOf::LayerOf;
    Tensor call(const Tensor& x, const CallContext&) override { return x * 2.0; }
    Tensors call_many(const Tensors& x, const CallContext& context) override {
      return {call(x.at(0), context)};
    }
  };
  Twice model(CommonOptions{.name = "twice"});
  CHECK_THROWS_WITH_AS(export_model(model),
                       "[twice] the model does not know the shapes of its inputs: give them in "
                       ".input_shapes, with None for the batch",
                       InvalidArgument);
  CHECK(shape_text(exported(model, {.input_shapes = {{kUnknown, 3}}}).graph().input(0)) ==
        "(batch, 3)");
  CHECK(shape_text(exported(model, {.input_shapes = {{2, 3}}}).graph().output(0)) == "(2, 3)");
}

TEST_CASE("mixed_bfloat16 is written in float32") {
  const PolicyGuard guard("mixed_bfloat16");
  Sequential model = tutorial_net();
  const auto proto = exported(model);
  const PolicyGuard plain("float32");
  Sequential same = tutorial_net();
  CHECK(op_types(proto) == op_types(exported(same)));
  for (const auto& tensor : proto.graph().initializer()) {
    CHECK(tensor.data_type() != ::onnx::TensorProto::BFLOAT16);
  }
}

TEST_CASE("a file is written in one step") {
  const TempDir folder;
  Sequential model = model_of({4}, [](const Tensor& x) { return x * 2.0; });
  export_model(model, folder / "model.onnx");
  const formats::Bytes bytes = formats::read_file(folder / "model.onnx");
  CHECK(formats::as_text(bytes) == export_model(model));
  CHECK(folder.entries() == 1);
  CHECK_THROWS_AS(export_model(model, folder / "none/model.onnx"), IOError);
}

TEST_CASE("what ONNX cannot say is said") {
  const auto fails = [](const Shape& sample, const std::function<Tensor(const Tensor&)>& f,
                        const char* text) {
    Sequential model = model_of(sample, f);
    CHECK_THROWS_WITH_AS(export_model(model), text, NotSupported);
  };
  fails(
      {4},
      [](const Tensor& x) {
        return ops::dropout(x, constant(Array({}, int64)), dropout_parameters(0.5, 1), x.shape());
      },
      "[net/compute] the op 'dropout' has no ONNX form");
  fails(
      {4}, [](const Tensor& x) { return x.dim(0) > 85 ? ops::square(x) : x; },
      "[net/compute] the op 'square' is not there for every batch size, which ONNX cannot say");
  fails(
      {4}, [](const Tensor& x) { return x * (1.0 / static_cast<double>(x.dim(0))); },
      "[net/compute] the op 'constant' is a number that ONNX cannot compute from the batch size");
  fails(
      {kUnknown, kUnknown, 2},
      [](const Tensor& x) {
        return ops::conv2d(x, constant(Array({3, 3, 2, 1}, x.dtype())),
                           make_window({x.dim(1), x.dim(2)}, 3, 2, 1, "same"));
      },
      "[net/compute] the op 'conv2d' has padding and strides on images of unknown size, which ONNX "
      "cannot say");
  const Variable seen("seen", Array({4}), false);
  fails(
      {4},
      [&](const Tensor& x) {
        if (Tape::current()->inputs[0].dim(0) > 0) seen.assign(ops::mean(x, {0}));
        return x;
      },
      "[onnx] the model changes its variable 'seen' when it predicts, which ONNX cannot say");
}

TEST_CASE("options are checked") {
  Sequential model = model_of({4}, [](const Tensor& x) { return x * 2.0; });
  CHECK_THROWS_WITH_AS(export_model(model, {.opset = 12}),
                       "[onnx] opset must be from 13 to 17, received 12", InvalidArgument);
  CHECK_THROWS_WITH_AS(export_model(model, {.input_shapes = {{2, 4}, {2, 4}}}),
                       "[net] expected 1 input_shapes, received 2", InvalidArgument);
  const auto bytes = static_cast<std::int64_t>(export_model(model).size());
  CHECK_NOTHROW(export_model(model, {.max_bytes = bytes}));
  CHECK_THROWS_AS(export_model(model, {.max_bytes = bytes - 1}), NotSupported);
  Sequential large({Input({4}), Dense(1000)});
  CHECK_THROWS_WITH_AS(export_model(large, {.max_bytes = 10000}),
                       doctest::Contains("protobuf reads no file of 2 GiB"), NotSupported);
}
