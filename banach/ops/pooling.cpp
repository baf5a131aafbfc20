#include <banach/core/errors.hpp>
#include <banach/ops/check_inputs.hpp>
#include <banach/ops/pooling.hpp>

#include <fmt/format.h>

namespace banach {

std::vector<TensorSpec> Pool2DOp::infer(const Tensors& inputs) const {
  const Shape& x = inputs[0].shape();
  if (x.rank() != 4) {
    throw InvalidArgument(
        fmt::format("{}{} expected an image (batch, height, width, channels), received {}",
                    NameScope::tag(), name(), x.str()));
  }
  const Size2 out = window.output({x[1], x[2]});
  return {{Shape{x[0], out.height, out.width, x[3]}, inputs[0].dtype()}};
}

Tensors Pool2DOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  Tensors from = {dy[0]};
  if (kind == Pooling::max) from.push_back(inputs[0]);
  return {make_node<Pool2DGradOp>(from, kind, window, inputs[0].shape())};
}

std::vector<TensorSpec> Pool2DGradOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 2);
  return {{x_shape, inputs[0].dtype()}};
}

Tensor ops::max_pool2d(const Tensor& x, const Window& window) {
  return make_node<Pool2DOp>({x}, Pooling::max, window);
}

Tensor ops::average_pool2d(const Tensor& x, const Window& window) {
  return make_node<Pool2DOp>({x}, Pooling::average, window);
}

}  // namespace banach
