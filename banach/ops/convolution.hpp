#pragma once

#include <banach/graph/op.hpp>
#include <banach/ops/epilogue.hpp>
#include <banach/ops/window.hpp>

namespace banach {

/// y = epilogue(x * w): x (batch, height, width, channels), w (height, width, channels / groups,
/// filters), y (batch, height', width', filters). Inputs: x, w, then what the epilogue takes.
class Conv2DOp final : public Op {
 public:
  Conv2DOp(Window window, std::int64_t groups, Epilogue epilogue = {})
      : window(window), groups(groups), epilogue(std::move(epilogue)) {}
  std::string name() const override { return epilogue.is_empty() ? "conv2d" : "fused_conv2d"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
  Tensors lower(const Tensors& inputs) const override;

  const Window window;
  const std::int64_t groups;
  const Epilogue epilogue;
};

/// dx from dy and w.
class Conv2DInputGradOp final : public Op {
 public:
  Conv2DInputGradOp(Window window, std::int64_t groups, Shape x_shape)
      : window(window), groups(groups), x_shape(x_shape) {}
  std::string name() const override { return "conv2d_input_grad"; }
  std::string attributes() const override { return window.str(); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const Window window;
  const std::int64_t groups;
  const Shape x_shape;
};

/// dw from x and dy.
class Conv2DKernelGradOp final : public Op {
 public:
  Conv2DKernelGradOp(Window window, std::int64_t groups, Shape w_shape)
      : window(window), groups(groups), w_shape(w_shape) {}
  std::string name() const override { return "conv2d_kernel_grad"; }
  std::string attributes() const override { return window.str(); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const Window window;
  const std::int64_t groups;
  const Shape w_shape;
};

namespace ops {

/// `window` as make_window gives it, with the size of w.
Tensor conv2d(const Tensor& x, const Tensor& w, const Window& window, std::int64_t groups = 1);

}  // namespace ops
}  // namespace banach
