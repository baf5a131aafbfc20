#include <banach/core/errors.hpp>
#include <banach/ops/check_inputs.hpp>
#include <banach/ops/convolution.hpp>

#include <fmt/format.h>

namespace banach {

std::string Conv2DOp::attributes() const { return window.str() + epilogue.str(); }

std::vector<TensorSpec> Conv2DOp::infer(const Tensors& inputs) const {
  const Shape &x = inputs[0].shape(), &w = inputs[1].shape();
  if (x.rank() != 4 || w.rank() != 4 || x[3] != w[2] * groups || w[3] % groups != 0) {
    throw InvalidArgument(fmt::format(
        "{}conv2d expected an image (batch, height, width, {}) for a kernel of shape {} and {} "
        "group(s), received {}",
        NameScope::tag(), w.rank() == 4 ? w[2] * groups : kUnknown, w.str(), groups, x.str()));
  }
  check_same_dtype(name(), inputs, 2);
  check_epilogue_inputs(name(), epilogue, inputs, w[3]);
  const Size2 out = window.output({x[1], x[2]});
  return {{Shape{x[0], out.height, out.width, w[3]}, inputs[0].dtype()}};
}

Tensors Conv2DOp::vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const {
  const Tensor &x = inputs[0], &w = inputs[1];
  const auto [dc, dbias] = epilogue_gradient(epilogue, outputs[0], dy[0]);
  const Tensor dw = make_node<Conv2DKernelGradOp>({x, dc}, window, groups, w.shape());
  const Tensor dx = make_node<Conv2DInputGradOp>({dc, w}, window, groups, x.shape());
  Tensors result = {dx, dw};
  if (epilogue.bias) result.push_back(dbias);
  result.resize(inputs.size());
  return result;
}

Tensors Conv2DOp::lower(const Tensors& inputs) const {
  if (epilogue.is_empty()) return {};
  return {lower_epilogue(epilogue, ops::conv2d(inputs[0], inputs[1], window, groups), inputs)};
}

std::vector<TensorSpec> Conv2DInputGradOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 2);
  return {{x_shape, inputs[0].dtype()}};
}

std::vector<TensorSpec> Conv2DKernelGradOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 2);
  return {{w_shape, inputs[0].dtype()}};
}

Tensor ops::conv2d(const Tensor& x, const Tensor& w, const Window& window, std::int64_t groups) {
  return make_node<Conv2DOp>({x, w}, window, groups);
}

}  // namespace banach
