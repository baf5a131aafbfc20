#pragma once

#include <banach/graph/op.hpp>
#include <banach/ops/window.hpp>

namespace banach {

enum class Pooling { max, average };

/// The largest or the mean value of each window, per channel; x and y are (batch, height, width,
/// channels). Padding counts for neither: it is never the maximum and the mean leaves it out.
class Pool2DOp final : public Op {
 public:
  Pool2DOp(Pooling kind, Window window) : kind(kind), window(window) {}
  std::string name() const override {
    return kind == Pooling::max ? "max_pool2d" : "average_pool2d";
  }
  std::string attributes() const override { return window.str(); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const Pooling kind;
  const Window window;
};

/// dx; inputs dy, and for max also x (the first maximum of a window gets the gradient).
class Pool2DGradOp final : public Op {
 public:
  Pool2DGradOp(Pooling kind, Window window, Shape x_shape)
      : kind(kind), window(window), x_shape(x_shape) {}
  std::string name() const override {
    return kind == Pooling::max ? "max_pool2d_grad" : "average_pool2d_grad";
  }
  std::string attributes() const override { return window.str(); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const Pooling kind;
  const Window window;
  const Shape x_shape;
};

namespace ops {

Tensor max_pool2d(const Tensor& x, const Window& window);
Tensor average_pool2d(const Tensor& x, const Window& window);

}  // namespace ops
}  // namespace banach
