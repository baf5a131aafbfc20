#pragma once

#include <banach/core/array.hpp>
#include <banach/core/json.hpp>
#include <banach/graph/tensor.hpp>
#include <banach/snn/moments.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banach {

/// An activation: a name of the table below, one of the functions below, or a function of your own.
class ActivationFunction {
 public:
  using Function = std::function<Tensor(const Tensor&)>;
  using Pointer = Tensor (*)(const Tensor&);

  ActivationFunction() : ActivationFunction("linear") {}
  ActivationFunction(const char* name) : ActivationFunction(std::string(name)) {}
  ActivationFunction(
      const std::string& name);          ///< InvalidArgument for an unknown name, with the nearest
  ActivationFunction(Pointer function);  ///< named when it is one of `activations::`
  template <class F>
  requires std::is_invocable_r_v<Tensor, F, const Tensor&> ActivationFunction(F function)
      : name_("custom"), function_(std::move(function)) {}
  /// One with arguments, whose class is `name`.
  ActivationFunction(std::string name, Function function, Json config)
      : name_(std::move(name)), function_(std::move(function)), config_(std::move(config)) {}

  Tensor operator()(const Tensor& x) const { return function_(x); }
  const std::string& name() const { return name_; }  ///< "custom" for a function of your own
  const Json& config() const { return config_; }     ///< the arguments; null when it has none

 private:
  std::string name_;
  Function function_;
  Json config_;
};

Json to_json(const ActivationFunction& activation);  ///< the name, a dict for one with
                                                     ///< arguments; NotSupported for your own
void from_json(const Json& json, ActivationFunction& activation);

/// keras.activations: on a Tensor inside call(), or on an Array at once. Input and output have the
/// same shape.
namespace activations {

Tensor linear(const Tensor& x);  ///< x
Tensor relu(const Tensor& x);    ///< max(x, 0)
/// scale * (x > 0 ? x : alpha (e^x - 1)), whose fixed point is mean 0 and variance 1 (Klambauer et
/// al. 2017, eq. 2). Use with initializers::LecunNormal and layers::AlphaDropout.
Tensor selu(const Tensor& x);
/// With the constants whose fixed point this is (snn::layer_selu_constants).
Tensor selu(const Tensor& x, const snn::FixedPoint& fixed_point);
Tensor elu(const Tensor& x);  ///< x > 0 ? x : alpha (e^x - 1), alpha = 1
Tensor elu(const Tensor& x, double alpha);
Tensor sigmoid(const Tensor& x);  ///< 1 / (1 + e^-x)
Tensor tanh(const Tensor& x);
Tensor softmax(const Tensor& x);                 ///< e^x / sum(e^x) along the last axis
Tensor softplus(const Tensor& x);                ///< log(1 + e^x)
Tensor softsign(const Tensor& x);                ///< x / (1 + |x|)
Tensor exponential(const Tensor& x);             ///< e^x
Tensor gelu(const Tensor& x);                    ///< x Phi(x), exact
Tensor gelu(const Tensor& x, bool approximate);  ///< approximate: with tanh
Tensor silu(const Tensor& x);                    ///< x sigmoid(x)
Tensor leaky_relu(const Tensor& x);  ///< x >= 0 ? x : negative_slope x, negative_slope = 0.2
Tensor leaky_relu(const Tensor& x, double negative_slope);
Tensor relu6(const Tensor& x);         ///< min(max(x, 0), 6)
Tensor hard_sigmoid(const Tensor& x);  ///< min(max(x / 6 + 1/2, 0), 1)
Tensor hard_silu(const Tensor& x);     ///< x hard_sigmoid(x); also "hard_swish"
Tensor hard_tanh(const Tensor& x);     ///< min(max(x, -1), 1)
Tensor tanh_shrink(const Tensor& x);   ///< x - tanh(x)
Tensor mish(const Tensor& x);          ///< x tanh(log(1 + e^x))
Tensor log_sigmoid(const Tensor& x);   ///< log(1 / (1 + e^-x))
Tensor log_softmax(const Tensor& x);   ///< x - log(sum(e^x)) along the last axis

/// `selu` with another fixed point, as an option of layers: `Selu({.mean = 0, .variance = 2})`;
/// with (0, 1) it is "selu". Give layers::AlphaDropout the same. Keras has no such activation:
/// models with it are saved and loaded by banach, and Keras refuses their files.
ActivationFunction Selu(const snn::FixedPoint& fixed_point);

Array linear(const Array& x);
Array relu(const Array& x);
Array selu(const Array& x);
Array elu(const Array& x);
Array sigmoid(const Array& x);
Array tanh(const Array& x);
Array softmax(const Array& x);
Array softplus(const Array& x);
Array softsign(const Array& x);
Array exponential(const Array& x);
Array gelu(const Array& x);
Array silu(const Array& x);
Array leaky_relu(const Array& x);
Array relu6(const Array& x);
Array hard_sigmoid(const Array& x);
Array hard_silu(const Array& x);
Array hard_tanh(const Array& x);
Array tanh_shrink(const Array& x);
Array mish(const Array& x);
Array log_sigmoid(const Array& x);
Array log_softmax(const Array& x);

std::vector<std::string> names();  ///< all that ActivationFunction(name) knows

}  // namespace activations
}  // namespace banach
