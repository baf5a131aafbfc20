#include <banach/ops/check_inputs.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/epilogue.hpp>
#include <banach/ops/reduce.hpp>

#include <fmt/format.h>

namespace banach {

std::string Epilogue::str() const {
  std::string text = bias ? "+bias" : "";
  if (activation != "linear") text += "+" + activation;
  if (alpha_dropout) text += fmt::format("+alpha_dropout({})", alpha_dropout->rate);
  return text;
}

std::size_t epilogue_inputs(const Epilogue& epilogue) {
  return (epilogue.bias ? 1 : 0) + (epilogue.alpha_dropout ? 1 : 0);
}

void check_epilogue_inputs(const std::string& op, const Epilogue& epilogue, const Tensors& inputs,
                           std::int64_t channels) {
  if (epilogue.bias) check_spec(op, "a bias", inputs[2], {Shape{channels}, inputs[0].dtype()});
  if (epilogue.alpha_dropout) check_spec(op, "a step", inputs.back(), {Shape{}, int64});
}

bool is_epilogue_activation(std::string_view activation) {
  bool from_output = false;
  functions::with_name<functions::Unary>(activation,
                                         [&]<class F>() { from_output = F::kFromOutput; });
  return from_output;
}

Tensor lower_epilogue(const Epilogue& epilogue, Tensor x, const Tensors& inputs) {
  if (epilogue.bias) x = x + inputs[2];
  functions::with_name<functions::Unary>(
      epilogue.activation, [&]<class F>() { x = ops::unary<F>(x, epilogue.parameters); });
  if (epilogue.alpha_dropout) {
    x = ops::dropout(x, inputs.back(), *epilogue.alpha_dropout, x.shape());
  }
  return x;
}

std::vector<TensorSpec> EpilogueGradOp::infer(const Tensors& inputs) const {
  const TensorSpec& dz = inputs[0].spec();
  check_spec(name(), "z", inputs[1], dz);
  return {dz, {Shape{dz.shape[-1]}, dz.dtype}};
}

EpilogueGradient epilogue_gradient(const Epilogue& epilogue, const Tensor& z, const Tensor& dz) {
  if (!epilogue.is_linear()) {
    const Tensors both = add_node(std::make_shared<EpilogueGradOp>(epilogue), {dz, z});
    return {both[0], epilogue.bias ? both[1] : Tensor()};
  }
  if (!epilogue.bias) return {dz, Tensor()};
  return {dz, ops::sum_but_last(dz)};
}

}  // namespace banach
