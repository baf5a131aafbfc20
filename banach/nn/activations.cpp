#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/serialization.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/softmax.hpp>
#include <banach/snn/selu.hpp>

#include <algorithm>

namespace banach {
namespace {

struct Row {
  const char* name;
  ActivationFunction::Pointer function;
};

constexpr Row kRows[] = {
    {"linear", activations::linear},
    {"relu", activations::relu},
    {"selu", activations::selu},
    {"elu", activations::elu},
    {"sigmoid", activations::sigmoid},
    {"tanh", activations::tanh},
    {"softmax", activations::softmax},
    {"softplus", activations::softplus},
    {"softsign", activations::softsign},
    {"exponential", activations::exponential},
    {"gelu", activations::gelu},
    {"silu", activations::silu},
    {"swish", activations::silu},
    {"leaky_relu", activations::leaky_relu},
    {"relu6", activations::relu6},
    {"hard_sigmoid", activations::hard_sigmoid},
    {"hard_silu", activations::hard_silu},
    {"hard_swish", activations::hard_silu},
    {"hard_tanh", activations::hard_tanh},
    {"tanh_shrink", activations::tanh_shrink},
    {"mish", activations::mish},
    {"log_sigmoid", activations::log_sigmoid},
    {"log_softmax", activations::log_softmax},
};

constexpr const char* kRegisteredSelu = "banach>Selu";

}  // namespace

ActivationFunction::ActivationFunction(const std::string& name) : name_(name) {
  const auto row = std::ranges::find(kRows, name, &Row::name);
  if (row == std::end(kRows)) {
    const auto known = activations::names();
    throw InvalidArgument("unknown activation '" + name + "'. " + did_you_mean(name, known) +
                          "Known: " + join(known));
  }
  function_ = row->function;
}

ActivationFunction::ActivationFunction(Pointer function) : name_("custom"), function_(function) {
  const auto row = std::ranges::find(kRows, function, &Row::function);
  if (row != std::end(kRows)) name_ = row->name;
}

Json to_json(const ActivationFunction& activation) {
  if (!activation.config().is_null()) {
    return serialized("banach", activation.name(), activation.config(),
                      "banach>" + activation.name());
  }
  if (activation.name() == "custom") {
    throw NotSupported(
        "an activation that is a function of your own cannot be saved: make it a layer");
  }
  return activation.name();
}

void from_json(const Json& json, ActivationFunction& activation) {
  if (json.is_null()) {
    activation = ActivationFunction();
    return;
  }
  const SerializedObject object = parse_serialized(json, "an activation");
  if (object.registered_name == kRegisteredSelu) {
    snn::FixedPoint fixed_point;
    from_json(object.config, fixed_point);
    activation = activations::Selu(fixed_point);
  } else {
    activation = ActivationFunction(object.class_name);
  }
}

namespace activations {

Tensor linear(const Tensor& x) { return x; }
Tensor relu(const Tensor& x) { return ops::unary<functions::Relu>(x); }
Tensor selu(const Tensor& x) { return selu(x, snn::FixedPoint{}); }
Tensor selu(const Tensor& x, const snn::FixedPoint& fixed_point) {
  const auto [alpha, scale] = snn::layer_selu_constants(fixed_point);
  return ops::unary<functions::Selu>(x, {alpha, scale});
}
ActivationFunction Selu(const snn::FixedPoint& fixed_point) {
  if (fixed_point == snn::FixedPoint{}) return "selu";
  snn::layer_selu_constants(fixed_point);  // throws now rather than in call()
  return {"Selu", [=](const Tensor& x) { return selu(x, fixed_point); }, to_json(fixed_point)};
}
Tensor elu(const Tensor& x) { return elu(x, 1); }
Tensor elu(const Tensor& x, double alpha) { return ops::unary<functions::Elu>(x, {alpha, 1}); }
Tensor sigmoid(const Tensor& x) { return ops::unary<functions::Sigmoid>(x); }
Tensor tanh(const Tensor& x) { return ops::unary<functions::Tanh>(x); }
Tensor softmax(const Tensor& x) { return ops::softmax(x); }
Tensor softplus(const Tensor& x) { return ops::unary<functions::Softplus>(x); }
Tensor softsign(const Tensor& x) { return ops::unary<functions::Softsign>(x); }
Tensor exponential(const Tensor& x) { return ops::exp(x); }
Tensor gelu(const Tensor& x) { return gelu(x, false); }
Tensor gelu(const Tensor& x, bool approximate) {
  return approximate ? ops::unary<functions::GeluTanh>(x) : ops::unary<functions::Gelu>(x);
}
Tensor silu(const Tensor& x) { return ops::unary<functions::Silu>(x); }
Tensor leaky_relu(const Tensor& x) { return leaky_relu(x, 0.2); }
Tensor leaky_relu(const Tensor& x, double negative_slope) {
  return ops::unary<functions::LeakyRelu>(x, {negative_slope, 1});
}

Tensor relu6(const Tensor& x) { return ops::unary<functions::Relu6>(x); }
Tensor hard_sigmoid(const Tensor& x) { return relu6(x + 3.0) / 6.0; }
Tensor hard_silu(const Tensor& x) { return x * hard_sigmoid(x); }
Tensor hard_tanh(const Tensor& x) { return ops::clip(x, -1, 1); }
Tensor tanh_shrink(const Tensor& x) { return x - tanh(x); }
Tensor mish(const Tensor& x) { return x * tanh(softplus(x)); }
Tensor log_sigmoid(const Tensor& x) { return ops::negative(softplus(ops::negative(x))); }
Tensor log_softmax(const Tensor& x) {
  const Tensor below_0 = x - ops::max(x, {-1}, true);
  return below_0 - ops::log(ops::sum(ops::exp(below_0), {-1}, true));
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.emplace_back(row.name);
  return result;
}

}  // namespace activations
}  // namespace banach
