#include <banach/core/errors.hpp>
#include <banach/ops/check_inputs.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/snn/alpha_dropout.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach {

std::uint32_t dropout_threshold(double rate) {
  return static_cast<std::uint32_t>(std::lround(rate * 65536));
}

double DropoutParameters::kept(double x) const { return a * x + b; }

std::string DropoutOp::attributes() const {
  return fmt::format("rate={} a={:.6g} b={:.6g} c={:.6g}", parameters.rate, parameters.a,
                     parameters.b, parameters.c);
}

std::vector<TensorSpec> DropoutOp::infer(const Tensors& inputs) const {
  const Shape& shape = inputs[0].shape();
  if (broadcast(shape, noise_shape) != shape || noise_shape.rank() != shape.rank()) {
    throw InvalidArgument(
        fmt::format("{}noise_shape {} does not broadcast to the input's shape {}: expected as many "
                    "axes, each of the input's size or 1",
                    NameScope::tag(), noise_shape.str(), shape.str()));
  }
  check_spec(name(), "a step", inputs[1], {Shape{}, int64});
  return {inputs[0].spec()};
}

Tensors DropoutOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  // dx = kept ? a dy : 0, with the mask made again from the same counters
  const DropoutParameters gradient{parameters.rate, parameters.a, 0, 0, parameters.key};
  return {ops::dropout(dy[0], inputs[1], gradient, noise_shape), Tensor()};
}

DropoutParameters dropout_parameters(double rate, std::uint64_t key) {
  return {rate, rate < 1 ? 1 / (1 - rate) : 0, 0, 0, key};
}

DropoutParameters alpha_dropout_parameters(double rate, std::uint64_t key,
                                           const snn::FixedPoint& fixed_point) {
  const double dropped = snn::layer_selu_constants(fixed_point).limit();
  const auto [a, b] = snn::alpha_dropout_map(rate, fixed_point, dropped);
  DropoutParameters parameters{rate, a, b, 0, key};
  parameters.c = parameters.kept(dropped);
  return parameters;
}

Tensor ops::dropout(const Tensor& x, const Tensor& step, const DropoutParameters& parameters,
                    const Shape& noise_shape) {
  return make_node<DropoutOp>({x, step}, parameters, noise_shape);
}

}  // namespace banach
